"""The touch that leads on from a screen which asks for nothing else."""

from services.domain.kiosk_session import KioskEvent as E
from services.domain.kiosk_session import KioskState as S

ONWARDS = {
    S.IDLE: E.TOUCH,
    S.SERVICES: E.CHOOSE_SERVICE,
    S.TERMS: E.AGREE,
    S.FOUND: E.GO_ON,
    S.CONFIRM: E.GO_ON,
    S.DONE: E.FINISH,
    S.FAILED: E.FINISH,
    S.THANKS: E.FINISH,
}
