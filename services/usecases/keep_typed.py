"""What a resident typed of the card front and has not confirmed: kept, encrypted, when they leave the page for the camera."""

import json
from collections.abc import Mapping

from services.ports import EvidenceKind, Ports

_TYPED = "typed"  # the label beside the confirmed fields' own; both go when the card is accepted
LONGEST = 32  # characters of one field


def keep_typed(ports: Ports, intake_id: str, typed: Mapping[str, str]) -> None:
    """Keeps the fields as they stand, right or wrong; nothing typed keeps nothing."""
    fields = {name: text[:LONGEST] for name, text in typed.items() if text}
    ports.evidence.put(intake_id, EvidenceKind.CARD_FRONT, json.dumps(fields).encode("utf-8"), label=_TYPED)


def typed_before(ports: Ports, intake_id: str) -> dict[str, str]:
    """What was kept; empty where nothing was."""
    sealed = ports.evidence.get(intake_id, EvidenceKind.CARD_FRONT, label=_TYPED)
    return {} if sealed is None else {str(name): str(text) for name, text in json.loads(sealed).items()}
