"""A world for each test, and the resident's way through it."""

from dataclasses import dataclass

import pytest
from builders import FACE, FRONT, World, make_world, proof

from services.domain.password import PasswordKind
from services.domain.reservation import Reservation
from services.usecases.authorise_reset import AuthoriseRequest, authorise_reset
from services.usecases.card_session import accept_card_proof, attach_card_session, open_card_session
from services.usecases.check_face import accept_frames, start_liveness, submit_face_check
from services.usecases.claim import ClaimGrant, ClaimRequest, claim, open_claim
from services.usecases.complete import CompleteRequest, Completion, complete
from services.usecases.read_card_front import confirm_front
from services.usecases.reserve import reserve
from services.usecases.start_intake import start_intake

SIGNATURE, USER = PasswordKind.SIGNATURE, PasswordKind.USER_AUTHENTICATION


@pytest.fixture
def world(tmp_path) -> World:
    return make_world(tmp_path)


@dataclass
class Story:
    """The main job, step by step, over the use cases."""

    world: World
    card: str = "sakura"
    kind: PasswordKind = SIGNATURE

    def started(self) -> str:
        return start_intake(self.world.ports, kind=self.kind.value, terms_accepted=True).intake.id

    def front_read(self) -> str:
        intake = self.started()
        confirm_front(self.world.ports, intake, FRONT, method="hand")
        return intake

    def chip_read(self) -> str:
        intake = self.front_read()
        opened = open_card_session(self.world.ports, intake)
        task = attach_card_session(self.world.ports, opened.id, opened.secret)
        signed = proof(self.kind.other, self.card, task.nonce)
        accept_card_proof(self.world.ports, opened.id, opened.secret, signed, FACE)
        return intake

    def frames_sent(self, intake: str) -> None:
        session = start_liveness(self.world.ports, intake)
        while not session.finished:
            nonce = session.challenge.steps[session.step].nonce
            session = accept_frames(self.world.ports, intake, nonce, [(at, b"jpeg %d" % at) for at in range(3)])

    def face_matched(self) -> str:
        intake = self.chip_read()
        self.frames_sent(intake)
        submit_face_check(self.world.ports, intake)
        return intake

    def reserved(self) -> Reservation:
        return reserve(self.world.ports, self.face_matched())

    def nonce(self, terminal: str = "t1") -> bytes:
        return open_claim(self.world.ports, terminal)

    def claimed(self, claim_id: str = "c1", terminal: str = "t1", nonce: bytes | None = None) -> ClaimGrant:
        nonce = nonce or self.nonce(terminal)
        request = ClaimRequest(claim_id, terminal, self.kind, nonce, proof(self.kind.other, self.card, nonce))
        return claim(self.world.ports, request)

    def authorised(self, claim_id: str = "c1", terminal: str = "t1", challenge: bytes = b"c" * 16) -> bytes:
        signed = proof(self.kind.other, self.card, b"")
        request = AuthoriseRequest(claim_id, terminal, signed.identity_certificate, signed.certificate, challenge)
        return authorise_reset(self.world.ports, request)

    def completed(self, grant: ClaimGrant, card: str | None = None) -> Completion:
        nonce = grant.claim.completion_nonce
        guarded, identity = proof(self.kind, card or self.card, nonce), proof(USER, card or self.card, nonce)
        return complete(
            self.world.ports,
            CompleteRequest(
                claim_id=grant.claim.id,
                terminal_id=grant.claim.terminal_id,
                certificate=guarded.certificate,
                identity_certificate=identity.identity_certificate,
                signature=guarded.signature,
                identity_signature=identity.signature,
            ),
        )

    def reservation(self, reservation_id: str) -> Reservation:
        with self.world.ports.ledger.begin() as unit:
            return unit.reservation(reservation_id)


@pytest.fixture
def story(world) -> Story:
    return Story(world)


@pytest.fixture(params=[SIGNATURE, USER], ids=["signature", "user_authentication"])
def either_story(world, request) -> Story:
    return Story(world, kind=request.param)
