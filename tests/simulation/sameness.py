"""When two runs are in the same state, whatever led there: then everything that can follow is the same, and is run once."""

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from kiosk.journal import RECORD
from kiosk.record import LARGEST_RECORD, decode
from services.domain.password import Password

from . import dice
from .card import HeldCard

if TYPE_CHECKING:
    from .terminal import SimulatedTerminal
    from .world import World


def everything(world: "World", more: tuple) -> bytes:
    """A digest of all that decides how the run goes on; `more` is what the caller knows besides."""
    parts = (
        more,
        world.state,
        world.now,
        world.told,
        world.delayed,
        sorted((claim, typed) for claim, typed in world.typed_under.items() if _counts(world, claim)),
        [_card(world, card) for card in (world.card, world.other_card)],
        [_terminal(world, terminal) for terminal in world.terminals],
    )
    return sha256(repr(parts).encode()).digest()


def _counts(world: "World", claim: str) -> bool:
    known = world.view.claims.get(claim)
    return known is not None and known.authorised


def _card(world: "World", card: HeldCard) -> tuple:
    session = card.memory.session
    pins = sorted((pin.value, state.value, state.tries_left) for pin, state in card.contents.pins.items())
    if not any(terminal.on and terminal.reader._card and terminal.slot._card is card for terminal in world.terminals):
        return (pins,)  # without power it remembers nothing
    verified = sorted(pin.value for pin in session.verified)
    return pins, session.folder.name, session.file, verified, session.challenge, session.unblocked_file


def _terminal(world: "World", terminal: "SimulatedTerminal") -> tuple:
    disk, slot = terminal.disk, terminal.slot
    lying = None if slot._card is None else slot._card is world.card
    outside = (
        terminal.on,
        terminal.boots,
        terminal.clock.skew,
        terminal.line.dead,
        disk.full,
        lying,
        terminal.typed,
        terminal.on and terminal.doubt,
    )
    kept = [_kept(terminal, octets) for name, octets in sorted(disk.safe.items()) if name.endswith(RECORD)]
    if not terminal.on:
        return outside, kept
    controller, session = terminal.controller, terminal.controller._attendant.session
    known = None if session is None else [_plain(value) for value in vars(session).items()]
    memory = (
        replace(controller.screen, step=""),
        controller._entered_at,
        known,
        sorted(terminal.journal._in_session),
        terminal.journal.records(),
        terminal.reader.card_present,
        terminal.reader._card is None,
        len(terminal.inbox._waiting),
        disk.names(),
        dice.drawn_by(f"{terminal.id} {terminal.boots}")[1:],  # the first, of nine octets, name screens
    )
    return outside, kept, memory


def _kept(terminal: "SimulatedTerminal", octets: bytes) -> object:
    record = decode(octets[:LARGEST_RECORD], terminal._seal)
    return record, None if record.evidence is None else record.evidence.signature


def _plain(item: tuple[str, object]) -> tuple[str, object]:
    name, value = item
    return (name, value.octets) if isinstance(value, Password) else (name, value)
