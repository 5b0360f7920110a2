import pytest
from sample_card import FRONT, USER_PIN

from services.card.bench import Figure, Subject, measure
from services.card.pcscd import missing_for_pcscd
from services.domain.password import Password, PasswordKind


@pytest.mark.pcsc
@pytest.mark.skipif(bool(missing_for_pcscd()), reason=f"a private pcscd needs {', '.join(missing_for_pcscd())}")
def test_everything_is_measured_in_process_and_through_pcscd(contents, authorise):
    user = Password.parse(PasswordKind.USER_AUTHENTICATION, USER_PIN)
    figures = measure(Subject(contents, FRONT, user, authorise), runs=5, sessions=2)
    names = [(figure.name, figure.where) for figure in figures]
    assert len(set(names)) == len(names) >= 12
    sessions = {(figure.name, figure.where): figure.commands for figure in figures if figure.commands > 1}
    assert sessions["phone session", "in process"] == sessions["phone session", "pcscd"] > 40
    assert sessions["kiosk reset", "in process"] == sessions["kiosk reset", "pcscd"] > 15


def test_a_figure_is_a_line():
    line = str(Figure("phone session", "pcscd", 36.04, 20, 52))
    assert [word for word in line.split() if word != "session"] == [
        "phone", "pcscd", "36.040", "ms", "52", "APDUs", "(median", "of", "20)",
    ]  # fmt: skip
