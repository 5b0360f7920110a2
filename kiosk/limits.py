"""How long the terminal waits for a person, screen by screen."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from kiosk.manner import PLAIN, Manner
from services.domain.kiosk_session import KioskState

S = KioskState

# Times as long, for who asks for it and for who listens: the longest screen is heard for 77 s, and the warning comes 20 s before
# the end.
SLOW: Final = 2


@dataclass(frozen=True)
class Limits:
    """The times for who reads, and reads fast."""

    idle: timedelta = timedelta(seconds=60)
    card_return: timedelta = timedelta(seconds=90)
    result: timedelta = timedelta(seconds=60)
    thanks: timedelta = timedelta(seconds=5)

    def of(self, state: KioskState, manner: Manner) -> timedelta | None:
        """The state's limit; `None` where nobody is waited for, or nothing may be given up."""
        limit = self._of(state, manner)
        return None if limit is None else limit * (SLOW if manner.slow or manner.voice else 1)

    def _of(self, state: KioskState, manner: Manner) -> timedelta | None:
        match state:
            case S.IDLE | S.CLOSED:
                # Only the language of somebody who went away is given up.
                return None if manner == PLAIN else self.idle
            case S.CHECKING | S.RESETTING | S.REMOVE_CARD:
                return None
            case S.RETURN_CARD:
                return self.card_return
            case S.DONE | S.FAILED:
                return self.result
            case S.THANKS:
                return self.thanks
            case _:
                return self.idle
