"""The line above a bench's figures: when, on how many cores, under which load."""

import os
from datetime import UTC, datetime

import click


def heading(name: str) -> None:
    load, *_ = os.getloadavg()
    click.echo(f"\n── {name}: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load {load:.1f} ──")
