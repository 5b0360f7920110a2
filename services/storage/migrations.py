"""Migrations: brings a database to this release's tables, and says whether it is there."""

from pathlib import Path
from typing import Final

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from alembic import command
from services.storage import tables, tables_of_access, tables_of_terminals
from services.storage.database import Database

_SCRIPTS: Final = Path(__file__).parents[2] / "alembic"
_MODULES: Final = (tables, tables_of_access, tables_of_terminals)  # importing them is what fills the metadata
LOCK: Final = 0x70696E72_65736574  # PostgreSQL's advisory lock for migrations; any number that nobody else uses


def migrate(url: str) -> None:
    """Brings the database to the newest revision; several processes may try at once.

    Raises:
        StorageUnavailable: the database did not answer, or refused.
    """
    command.upgrade(configuration(url), "head")


def is_migrated(database: Database) -> bool:
    """Whether the database has exactly this release's revision.

    Raises:
        StorageUnavailable: the database did not answer.
    """
    with database.read() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory(str(_SCRIPTS)).get_current_head()


def configuration(url: str) -> Config:
    """Alembic's configuration for this database, without a file."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["url"] = url
    return config
