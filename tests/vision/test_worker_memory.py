"""Pictures and embeddings are gone after the decision: from the worker, from the web process, from the disk.

The real server with its real worker; a front picture and a face's frames go the way that a phone sends them. What is looked for is
found in the child while it works, so that finding nothing afterwards means something.
"""

import secrets
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest
from process_memory import children, found_in, found_while_working

from services.clock import SystemClock
from services.domain.intake import Intake, IntakeState
from services.domain.liveness import Action, LiveFrame
from services.domain.password import PasswordKind
from services.ports import EvidenceKind
from services.rehearsal.clip import CameraClip
from services.rehearsal.front_capture import Tier, photograph
from services.rehearsal.front_picture import FrontFields, render_front
from services.rehearsal.person import imagine
from services.rehearsal.portrait import card_photo, load_portrait
from services.rehearsal.resident import until
from services.rehearsal.stage import Stage
from services.storage.database import open_database
from services.storage.evidence import SealedEvidence
from services.storage.ledger import SQLLedger
from services.usecases.start_intake import token_hash
from services.vision.image import decode_picture
from services.vision.liveness_sight import Observer

MODELS = Path(__file__).parents[2] / "var" / "models"
DRAWINGS = Path(__file__).parents[2] / "var" / "rehearsal"

pytestmark = [
    pytest.mark.models,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not MODELS.is_dir(), reason="no models; run `make setup`"),
]


@dataclass
class Server:
    """The running server, its processes, and a browser."""

    stage: Stage
    web: int
    worker: int
    temporary: Path

    @property
    def files(self) -> list[Path]:
        """Everything that the server wrote."""
        return [
            path for folder in (self.stage.directory, self.temporary) for path in folder.rglob("*") if path.is_file()
        ]

    def held(self, wanted) -> dict[str, set[str]]:
        """What is still there: in the web process, in the idle worker, on the disk."""
        written = b"".join(path.read_bytes() for path in self.files)
        return {
            "web": found_in(self.web, wanted),
            "worker": found_in(self.worker, wanted),
            "disk": {name for name, octets in wanted.items() if octets in written},
        }


NOWHERE = {"web": set(), "worker": set(), "disk": set()}


@pytest.fixture
def server(tmp_path):
    stage = Stage.build(tmp_path / "stage", pcsc=False)
    temporary = Path(tempfile.mkdtemp(dir=tmp_path))
    try:
        stage.set_scenery()
        stage.start_server({"TMPDIR": str(temporary)})
        (web,) = children(stage.programs.running["server"].process.pid)
        yield Server(stage, web, the_worker(web), temporary)
    finally:
        stage.close()


def the_worker(web):
    """The child of the web process that serves checks, as soon as it is there."""
    while True:
        for pid in children(web):
            if (
                b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
                and b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
            ):
                return pid


def browser(server, **cookies):
    origin = server.stage.addresses.server
    return httpx.Client(
        base_url=origin, cookies=cookies, headers={"Origin": origin, "Accept": "application/json"}, timeout=60
    )


def rows_of(jpeg, name="row"):
    """Pieces of the decoded picture, from rows that are not flat."""
    pixels = decode_picture(jpeg)
    height, width, _ = pixels.shape
    return {
        f"{name} {row}": pixels[row, width // 2 : width // 2 + 40].tobytes()
        for row in (height // 3, height // 2, 2 * height // 3)
    }


def kinds(names):
    return {name.split()[0] for name in names}


def octets_of(name, data):
    return {f"{name} at {at}": data[at : at + 64] for at in (len(data) // 4, len(data) // 2, 3 * len(data) // 4)}


def test_a_front_picture_is_nowhere_after_it_was_read(server):
    person = imagine(1, today=SystemClock().now().date())
    fields = FrontFields(front=person.front, name=person.name, address=person.address, sex=person.sex.printed)
    picture = photograph(render_front(fields, load_portrait().pixels, seed=1), seed=1, tier=Tier.EASY)
    wanted = octets_of("picture", picture) | rows_of(picture)
    with browser(server) as phone:
        phone.post("/reserve", data={"kind": "signature", "terms": "yes"})
        phone.post("/front/picture", files={"picture": ("front.jpg", picture, "image/jpeg")})
        assert set(wanted) == found_while_working(server.worker, wanted)
        until(lambda: phone.get("/front/status").json(), "the front")
        assert NOWHERE == server.held(wanted)


def test_a_face_is_nowhere_after_it_was_matched(server):
    portrait = load_portrait()
    film = {action: CameraClip(portrait, DRAWINGS).frames(action, 10, seed=7) for action in Action}
    front = film[Action.FRONT]
    wanted = octets_of("chip photo", card_photo(portrait)) | octets_of("frame", front[0])
    # A frame is decoded for a moment, and the next one may take its place before anybody looks: those of the whole step are sought.
    for number, jpeg in enumerate(front):
        wanted |= rows_of(jpeg, f"row {number}:")
    observer = Observer()
    embeddings = {
        f"embedding {number}": np.asarray(observer.look(LiveFrame(jpeg, 0, 0)).embedding, np.float32).tobytes()[:64]
        for number, jpeg in enumerate(front[:3])
    }
    token = the_intake_at_the_face(server, card_photo(portrait))
    with browser(server, intake=token) as phone:
        show_face(phone, film)
        assert kinds(wanted | embeddings) == kinds(found_while_working(server.worker, wanted | embeddings))
        until(lambda: phone.get("/face/status").json(), "the face")
        assert NOWHERE == server.held(wanted | embeddings)


def show_face(phone, film):
    asked = phone.post("/face/start").json()
    while not asked["finished"]:
        frames = film[Action(asked["action"])]
        times = [str(asked["step"] * 5000 + 200 * number) for number in range(len(frames))]
        files = [("frame", (f"{number}.jpg", jpeg, "image/jpeg")) for number, jpeg in enumerate(frames)]
        asked = phone.post("/face/frames", data={"nonce": asked["nonce"], "captured_ms": times}, files=files).json()
    phone.post("/face/judge")


def the_intake_at_the_face(server, photo):
    """A resident who has shown a card; returns their browser's token."""
    clock, token = SystemClock(), secrets.token_urlsafe(32)
    now = clock.now()
    intake = Intake(
        id=secrets.token_hex(16),
        token_hash=token_hash(token),
        kind=PasswordKind.SIGNATURE,
        state=IntakeState.CHIP_READ,
        created_at=now,
        ends_at=now + timedelta(minutes=20),
        rehearsal=True,
        card_fingerprint="c" * 64,
        other_key_fingerprint="k" * 64,
    )
    key = bytes.fromhex(server.stage.environment["PINRESET_EVIDENCE_KEY"])
    with closing(open_database(server.stage.database_url)) as database:
        with SQLLedger(database).begin() as unit:
            unit.add_intake(intake)
        SealedEvidence(database, clock, key).put(intake.id, EvidenceKind.CHIP_PHOTO, photo)
    return token
