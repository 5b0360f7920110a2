"""The policy as this terminal holds it: signed by the pinned key, never an older one, fresh for a while only.

Nothing here asks what time it is. A document counts when it repeats the nonce of the heartbeat that was just sent, and for as many
seconds as it says, by a stopwatch that nobody can set.
"""

import time
from collections.abc import Callable
from typing import Final

import structlog

from kiosk.disk import Disk, replace_whole
from services.domain.errors import StorageUnavailable
from services.domain.terminal_policy import POLICY_LIFE, TerminalPolicy
from services.pki.policy_signature import opened_policy

SERIAL: Final = "policy-serial"
_LONGEST_NUMBER: Final = 20

log = structlog.get_logger(__name__)


class PolicyKeeper:
    """Holds the last accepted policy; its serial survives a restart."""

    def __init__(self, public_key: bytes, disk: Disk, stopwatch: Callable[[], float] = time.monotonic) -> None:
        self._public_key = public_key
        self._disk = disk
        self._stopwatch = stopwatch
        self._accepted_at = 0.0
        self.policy: TerminalPolicy | None = None
        self.serial = self._kept_serial()

    @property
    def fresh(self) -> bool:
        """Whether the last accepted policy still counts."""
        if self.policy is None:
            return False
        life_s = min(self.policy.valid, POLICY_LIFE).total_seconds()
        return self._stopwatch() - self._accepted_at < life_s

    def accept(self, octets: bytes, signature: bytes, nonce: str) -> None:
        """Takes the answer to the heartbeat with this nonce.

        Raises:
            ValueError: not signed by the pinned key, an answer to another heartbeat, or older than what was accepted before.
        """
        policy = opened_policy(octets, signature, self._public_key)
        if policy.answers != nonce:
            raise ValueError("an answer to another heartbeat")
        if policy.serial < self.serial:
            raise ValueError("an older policy")
        if policy.serial > self.serial:
            self._keep_serial(policy.serial)
        # In this order: another thread asks whether the policy is fresh, and the old one must not become so again.
        self.policy = policy
        self._accepted_at = self._stopwatch()

    def _keep_serial(self, serial: int) -> None:
        self.serial = serial
        try:
            replace_whole(self._disk, SERIAL, str(serial).encode())
            self._disk.sync()
        except StorageUnavailable:
            log.warning("policy_serial_not_kept")  # it counts until the restart; the self-test tells of the disk

    def _kept_serial(self) -> int:
        try:
            self._disk.open()
            text = self._disk.read(SERIAL, _LONGEST_NUMBER).decode("ascii")
        except (StorageUnavailable, UnicodeDecodeError):
            return 0
        return int(text) if text.isdigit() else 0
