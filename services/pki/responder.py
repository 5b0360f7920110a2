"""The virtual issuer's OCSP responder and CRL publisher, as a WSGI application (RFC 6960 appendix A, RFC 5280).

    POST /ocsp                  one question; the CA generation is found by the CertID's hashes
    GET  /crl/signature-2.crl   everything that this generation has withdrawn
    GET  /health

It answers from the registry only: a certificate that is not in it is `unknown`, whoever signed it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from services.domain.errors import StorageUnavailable
from services.pki.answers import Answers
from services.ports import Clock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LARGEST_REQUEST: Final = 4096
_LENGTH_DIGITS: Final = 4
_OCSP_REQUEST: Final = "application/ocsp-request"
_CRL_PATH: Final = "/crl/"


@dataclass(frozen=True)
class _Page:
    status: HTTPStatus
    content_type: str = "text/plain; charset=utf-8"
    body: bytes = b""


class Responder:
    """The application. It may be called from several threads."""

    def __init__(self, answers: Answers, clock: Clock) -> None:
        self._answers = answers
        self._clock = clock

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answers one HTTP request; see PEP 3333."""
        try:
            page = self._page(environ)
        except StorageUnavailable:
            page = _Page(HTTPStatus.SERVICE_UNAVAILABLE)
        headers = [
            ("Content-Type", page.content_type),
            ("Content-Length", str(len(page.body))),
            ("Cache-Control", "no-store"),
        ]
        start_response(f"{page.status.value} {page.status.phrase}", headers)
        return [page.body]

    def _page(self, environ: "WSGIEnvironment") -> _Page:
        match environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""):
            case "POST", "/ocsp":
                return self._ocsp(environ)
            case "GET", path if path.startswith(_CRL_PATH) and path.endswith(".crl"):
                return self._crl(path.removeprefix(_CRL_PATH).removesuffix(".crl"))
            case "GET", "/health":
                return _Page(HTTPStatus.OK, body=b"ok\n")
            case _:
                return _Page(HTTPStatus.NOT_FOUND)

    def _ocsp(self, environ: "WSGIEnvironment") -> _Page:
        if environ.get("CONTENT_TYPE", "") != _OCSP_REQUEST:
            return _Page(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        length = environ.get("CONTENT_LENGTH", "")
        if not (length.isascii() and length.isdigit()):
            return _Page(HTTPStatus.LENGTH_REQUIRED)
        if len(length) > _LENGTH_DIGITS or int(length) > LARGEST_REQUEST:
            return _Page(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        request = environ["wsgi.input"].read(int(length))
        return _Page(HTTPStatus.OK, "application/ocsp-response", self._answers.respond(request, self._clock.now()))

    def _crl(self, authority_name: str) -> _Page:
        octets = self._answers.crl(authority_name, self._clock.now())
        if octets is None:
            return _Page(HTTPStatus.NOT_FOUND)
        return _Page(HTTPStatus.OK, "application/pkix-crl", octets)
