"""The resident's addresses. The same forms serve a browser and a plain HTTP client; `Accept: application/json` asks for data.

Every POST carries the server's own `Origin`. A step out of order: 303 to the step that is next; JSON: problem PR-2001.
Errors are pages, or RFC 9457 problems for JSON, with a code of the catalogue.

| address | sends | answers |
|---|---|---|
| GET / | | home: the browser's reservations with their deadlines |
| GET /guide /info /terms /counter /start /help/codes | | pages that inform |
| GET, POST /reserve | `kind`, `terms`=`yes` | 303 /front/guide, sets the intake cookie; 422 without terms |
| GET /front/guide | | 操作説明, choice of camera or hand |
| GET, POST /front/picture | file `picture`, at most 8 MB | 303 /front/status |
| GET /front/status | | a status, or a page that reloads itself |
| GET, POST /front/confirm | `check`: of the reading that was seen | 303 /card; 409 when there is a newer one |
| GET /front/strip/CHECK/FIELD | | the JPEG strip of `birth`, `expiry`, `security_code` |
| GET, POST /front/manual | the card front | 303 /card; 422 with the fault beside its field (JSON: problem) |
| GET, POST /card | nothing | the hand-over: a page with a form for the companion, or JSON |
| GET /card/return | | a status, or a page with what happened |
| GET /face, GET /face/capture | `smile=no`: another move instead | notes; camera page |
| POST /face/start | nothing, or `smile=no` | what is asked |
| POST /face/frames | `nonce`; a file `frame` and a `captured_ms` for each frame | what is asked next |
| POST /face/judge | nothing | 303 /face/status; JSON 202 |
| GET /face/status | | a status; `passed` means: reserved |
| GET, POST /done | nothing | the deadline; 303 / |
| GET, POST /cancel | `kind` | asks once; 303 / |
| GET /receipt/INDEX, /receipt/INDEX/file | | what was reset, until the deadline: a page; the receipt itself |

- `kind`: `signature` or `user_authentication`.
- The card front: `birth_era` (`reiwa heisei showa taisho meiji western`), `birth_year`, `birth_month`, `birth_day`,
  `expiry_year`, `expiry_month`, `expiry_day`, `security_code`.
- A status: `{"state", "code", "reason", "next"}`, `state` being none, waiting, passed or failed; `next_allowed_at`
  while the card has to wait. The card front's has `pictures_left` and `check`, the check's id.
- The hand-over: `{"action", "session", "secret", "server", "return_path"}`; the last four are posted to `action` as a form.
- What is asked: `{"session", "step", "steps", "finished", "action", "prompt", "nonce", "deadline_s"}`. Frames are JPEGs of
  at most 500 kB, 16 a step, `captured_ms` ascending.
"""

from functools import partial
from typing import Final

from flask import Blueprint

from reset_app.resident import card, done, face, front, home, receipt

blueprint = Blueprint("resident", __name__)
blueprint.entry = "resident"  # type: ignore[attr-defined]  # who may enter; a test reads it

_PAGES: Final = ("guide", "info", "terms", "counter", "start")
_VIEWS: Final = (
    ("GET", "/", "home", home.home),
    ("GET", "/help/codes", "codes", home.codes),
    ("GET", "/reserve", "choose", home.choose),
    ("POST", "/reserve", "reserve", home.reserve),
    ("GET", "/cancel", "ask_cancel", home.ask_cancel),
    ("POST", "/cancel", "cancel", home.cancel),
    ("GET", "/front/guide", "front_guide", front.guide),
    ("GET", "/front/picture", "front_picture", front.show_picture),
    ("POST", "/front/picture", "send_picture", front.send_picture),
    ("GET", "/front/status", "front_status", front.status),
    ("GET", "/front/confirm", "front_confirm", front.show_confirm),
    ("POST", "/front/confirm", "confirm_front", front.confirm),
    ("GET", "/front/strip/<check_id>/<field>", "front_strip", front.strip),
    ("GET", "/front/manual", "front_manual", front.show_manual),
    ("POST", "/front/manual", "send_manual", front.manual),
    ("GET", "/card", "card", card.guide),
    ("POST", "/card", "hand_over", card.hand_over),
    ("GET", "/card/return", "card_return", card.come_back),
    ("GET", "/face", "face", face.guide),
    ("GET", "/face/capture", "face_capture", face.capture),
    ("POST", "/face/start", "face_start", face.start),
    ("POST", "/face/frames", "face_frames", face.frames),
    ("POST", "/face/judge", "face_judge", face.judge),
    ("GET", "/face/status", "face_status", face.status),
    ("GET", "/done", "done", done.show),
    ("POST", "/done", "finish", done.finish),
    ("GET", "/receipt/<int:index>", "receipt", receipt.show),
    ("GET", "/receipt/<int:index>/file", "receipt_file", receipt.download),
)

for _method, _address, _name, _view in _VIEWS:
    blueprint.add_url_rule(_address, _name, _view, methods=[_method])
for _name in _PAGES:
    blueprint.add_url_rule(f"/{_name}", _name, partial(home.page, _name), methods=["GET"])
