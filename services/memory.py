"""Keeps what is typed in this process's memory: no crash dump, no debugger of another process, no swap where that is permitted.

Python copies text, so not every copy of an entry can be overwritten: the request's body, its decoded form, and the text that
`Password.parse` reads live until the interpreter uses their memory again. What can be overwritten is (`Password.wipe`); that the
rest leaves the process in no other way is this file's part. The reader's own process, through which every entry goes to the card,
is guarded the same way.
"""

import ctypes
import os
import resource
from dataclasses import dataclass
from typing import Final

_PR_SET_DUMPABLE: Final = 4  # prctl(2)
_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4  # mlockall(2); ONFAULT: what is never touched is never locked


@dataclass(frozen=True)
class Guarded:
    """What the system granted."""

    no_core: bool
    not_dumpable: bool
    no_swap: bool

    @property
    def whole(self) -> bool:
        """Whether nothing was refused."""
        return self.no_core and self.not_dumpable and self.no_swap


def guard_memory() -> Guarded:
    """Asks for all three before anybody has typed. What is refused is for the operator to judge, who may have no swap at all."""
    library = ctypes.CDLL(None, use_errno=True)
    return Guarded(
        no_core=_without_core(),
        not_dumpable=library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0,
        no_swap=_may_lock_all() and library.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT) == 0,
    )


def _without_core() -> bool:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)


def _may_lock_all() -> bool:
    # With a limit, a lock that succeeds now makes a later allocation fail in the middle of somebody's session.
    unlimited = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY
    return unlimited or os.geteuid() == 0
