"""Evidence that has outlived its minutes is removed."""

from services.ports import Ports


def purge(ports: Ports) -> int:
    """Removes expired evidence; returns how many pieces."""
    return ports.evidence.purge(ports.clock.now())
