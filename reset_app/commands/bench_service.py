"""`pinreset bench service`: image checks under parallel residents."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from reset_app.commands.bench_heading import heading

DRAWINGS = Path("var/rehearsal")


@click.command()
@click.option("--workers", default=2, show_default=True, help="vision workers; one for each core")
def service(workers: int) -> None:
    """Image checks with real models on a real ledger: throughput, waiting, forks, memory under 1, 4, 16 residents."""
    import cv2  # noqa: PLC0415  # a bench brings only what it needs

    from services.bootstrap import open_eyes, open_services  # noqa: PLC0415
    from services.pki.issuer import VirtualIssuer  # noqa: PLC0415
    from services.rehearsal.portrait import load_portrait  # noqa: PLC0415
    from services.rehearsal.service_bench import report  # noqa: PLC0415
    from services.rehearsal.service_residents import Pictures, Residents  # noqa: PLC0415
    from services.settings import Settings  # noqa: PLC0415
    from services.storage.migrations import migrate  # noqa: PLC0415
    from services.vision.runner import PoolRunner  # noqa: PLC0415

    heading("service")
    cv2.setNumThreads(1)
    with TemporaryDirectory(prefix="pinreset-bench-") as folder:
        issuer, url = Path(folder) / "issuer", f"sqlite:///{folder}/ledger.db"
        VirtualIssuer.create(issuer, now=datetime.now(UTC), public_url="http://127.0.0.1:1")
        migrate(url)
        settings = Settings(
            database_url=url,
            issuer=issuer,
            trust=issuer / "trust",
            crls=Path(folder) / "crl",
            fingerprint_key=bytes(32).hex(),  # type: ignore[arg-type]  # pydantic makes a secret of it
            evidence_key=bytes(32).hex(),  # type: ignore[arg-type]
            vision_workers=workers,
            log_level="ERROR",
        )
        services = open_services(settings)
        assert isinstance(services.ports.runner, PoolRunner)
        pictures = Pictures.draw(load_portrait(), services.ports, DRAWINGS)
        try:
            for line in report(services.ports.runner, Residents(services.ports, pictures), open_eyes(settings)):
                click.echo(line)
        finally:
            services.ports.runner.close()
            services.database.close()
