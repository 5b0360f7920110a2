"""Kill -9 of kiosk or server at every named step of the reset, for real; then a restart, and the holder tries again.

The reservation ends `completed` exactly when the card has the password that was told last. The two kinds of password take turns
here: in process, and in `pinreset bench reliability`, every point is tried with both.
"""

from itertools import cycle

import pytest

from services.domain.crash_points import SERVER_POINTS, CrashPoint
from services.domain.password import PasswordKind
from services.rehearsal.faults_for_real import kill_kiosk, kill_server
from services.rehearsal.reliability import Fault, run

pytestmark = [pytest.mark.enable_socket]


def in_turns(points):
    return [pytest.param(str(point), kind, id=str(point)) for point, kind in zip(points, cycle(PasswordKind))]


@pytest.mark.parametrize(("point", "kind"), in_turns(CrashPoint))
def test_a_kiosk_killed_here_loses_nothing(rig, point, kind):
    row = run(rig, "sqlite", Fault("kiosk-killed", kill_kiosk, ()), point, rig.holder(kind))
    assert [] == row.violations


@pytest.mark.parametrize(("point", "kind"), in_turns(SERVER_POINTS))
def test_a_server_killed_here_is_waited_for_and_loses_nothing(rig, point, kind):
    row = run(rig, "sqlite", Fault("server-killed", kill_server, ()), point, rig.holder(kind))
    assert [] == row.violations  # one is that somebody was sent away who could have waited
