"""What every answer carries and every request must pass, before any view sees it."""

from typing import Final

from flask import Flask, Response, current_app, request

from services.domain.errors import OriginRefused, RequestTooLarge
from services.domain.policy import IMAGE_BYTES

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# A program with a key or a one-use secret is no browser: no cookie speaks for it, so no other site can borrow its authority.
SIGNED_ENTRIES: Final = frozenset({"terminal", "companion"})

FORM_OVERHEAD: Final = 64_000  # multipart headers and the fields beside the picture
FORM_TEXT: Final = 100_000  # what a form may hold in memory outside its files
FORM_PARTS: Final = 64
API_BODY: Final = 400_000  # a card-face record of 128 kB in base64url, certificates and signatures, with room
API_PREFIXES: Final = ("/companion-api/", "/kiosk-api/")


def guard(app: Flask, *, origin: str, companion_origin: str) -> None:
    """Sets limits, the check of where a form comes from, and the headers."""
    app.config.update(
        MAX_CONTENT_LENGTH=IMAGE_BYTES + FORM_OVERHEAD,
        MAX_FORM_MEMORY_SIZE=FORM_TEXT,
        MAX_FORM_PARTS=FORM_PARTS,
    )
    headers = headers_for(origin, companion_origin)

    @app.before_request
    def check() -> None:
        limit_body()
        check_origin(origin)

    @app.after_request
    def harden(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def headers_for(origin: str, companion_origin: str) -> dict[str, str]:
    """The headers of every answer."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {companion_origin}"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # The page posts a form to the companion over plain http on the same device. Stricter policies make the browser send
        # `Origin: null` there (Fetch, "append a request `Origin` header"), and the companion would not know who asks. This one
        # tells other sites our origin and never a path.
        "Referrer-Policy": "origin",
        "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), usb=(), serial=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if origin.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def limit_body() -> None:
    """Refuses a body that says it is too long before a byte of it is read; one that does not say is cut off while reading.

    Raises:
        RequestTooLarge
    """
    if request.path.startswith(API_PREFIXES):
        request.max_content_length = API_BODY
    limit = request.max_content_length
    if limit is not None and (request.content_length or 0) > limit:
        raise RequestTooLarge


def check_origin(origin: str) -> None:
    """Refuses a form from another site: cookies travel with it, the resident's or the staff's will does not.

    Raises:
        OriginRefused
    """
    if request.method in SAFE_METHODS or request.url_rule is None:
        return
    blueprint = current_app.blueprints.get(request.blueprint or "")
    if getattr(blueprint, "entry", None) in SIGNED_ENTRIES:
        return
    sent = request.headers.get("Origin")
    if sent is None and request.headers.get("Sec-Fetch-Site") == "same-origin":
        return
    if sent != origin:
        raise OriginRefused
