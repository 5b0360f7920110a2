"""A network namespace of our own, and a veth pair as the only way to it: a line that can really go down."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

# RFC 5737 (TEST-NET-2): addresses that are nobody's. They exist in the namespace and on its veth pair only.
NEAR_ADDRESS: Final = "198.51.100.1"
FAR_ADDRESS: Final = "198.51.100.2"


@dataclass(frozen=True)
class Network:
    """A network namespace and the veth pair that leads to it."""

    name: str

    @classmethod
    def build(cls) -> "Network | None":
        """A new one; `None` where this machine does not permit it."""
        if os.geteuid() != 0 or shutil.which("ip") is None:
            return None
        network = cls(f"pinreset-{os.getpid()}")
        try:
            network._wire()
        except subprocess.CalledProcessError:
            network.remove()
            return None
        return network

    def inside(self, command: Sequence[str]) -> list[str]:
        """The command, in the namespace."""
        return ["ip", "netns", "exec", self.name, *command]

    def down(self) -> None:
        """Takes the far end of the link down: the near end loses its carrier and keeps its route, so nothing goes elsewhere."""
        _ip("-n", self.name, "link", "set", self._far, "down")

    def up(self) -> None:
        """Brings the link back."""
        _ip("-n", self.name, "link", "set", self._far, "up")

    def remove(self) -> None:
        """Removes the namespace, and with it the link."""
        with suppress(subprocess.CalledProcessError):
            _ip("netns", "del", self.name)

    @property
    def _near(self) -> str:
        return f"pr{os.getpid()}n"

    @property
    def _far(self) -> str:
        return f"pr{os.getpid()}f"

    def _wire(self) -> None:
        _ip("netns", "add", self.name)
        _ip("link", "add", self._near, "type", "veth", "peer", "name", self._far, "netns", self.name)
        _ip("addr", "add", f"{NEAR_ADDRESS}/30", "dev", self._near)
        _ip("link", "set", self._near, "up")
        _ip("-n", self.name, "addr", "add", f"{FAR_ADDRESS}/30", "dev", self._far)
        _ip("-n", self.name, "link", "set", "lo", "up")
        self.up()


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)  # noqa: S603, S607  # fixed words and our own names
