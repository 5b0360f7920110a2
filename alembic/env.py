"""Runs the migrations online, one process at a time, without waiting long for anybody else's locks.

The database is `config.attributes["url"]` (set by `services.storage.migrations`), or PINRESET_DATABASE_URL for the alembic command.
"""

import os

from alembic import context
from services.storage.columns import metadata
from services.storage.database import open_database
from services.storage.migrations import LOCK


def run() -> None:
    url = context.config.attributes.get("url") or os.environ["PINRESET_DATABASE_URL"]
    database = open_database(url)
    try:
        with database.write() as connection:
            if database.dialect == "postgresql":
                # A table that is in use is better left for the next try than blocked for every resident.
                connection.exec_driver_sql("SET LOCAL lock_timeout = '4s'")
                connection.exec_driver_sql("SET LOCAL statement_timeout = '60s'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            context.configure(
                connection=connection,
                target_metadata=metadata,
                render_as_batch=database.dialect == "sqlite",
                compare_type=True,
            )
            with context.begin_transaction():
                context.run_migrations()
    finally:
        database.close()


run()
