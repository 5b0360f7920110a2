"""A browser without a screen: follows redirects, keeps cookies, fills forms in, and sends what a browser sends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx

TIME_S: Final = 90.0


class PageUnexpected(Exception):
    """A page is not the one that the resident expects. It says which, and never what was typed."""


@dataclass
class Form:
    """A form as it stands on the page, hidden fields filled in."""

    action: str
    fields: dict[str, str] = field(default_factory=dict, repr=False)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(named.get("action", "")))
        elif tag in {"input", "button"} and self.found and named.get("name") and named.get("type") == "hidden":
            self.found[-1].fields[named["name"]] = named.get("value", "")


class Browser:
    """One person's browser: one cookie jar, and the page that it is on."""

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        self._client = httpx.Client(timeout=TIME_S, follow_redirects=True, transport=transport)
        self.address = ""
        self.text = ""

    def get(self, address: str) -> httpx.Response:
        """Goes to an address."""
        return self._shown(self._client.get(urljoin(self.address, address)))

    def post(self, address: str, fields: Mapping[str, str] | None = None, **more: Any) -> httpx.Response:
        """Submits a form, as from the page that is shown."""
        target = urljoin(self.address, address)
        headers = {"Origin": _origin(self.address or target), "Sec-Fetch-Site": self._site(target)}
        return self._shown(self._client.post(target, data=fields, headers=headers, **more))

    def json(self, method: str, address: str, **more: Any) -> dict[str, Any]:
        """Asks for data, as a script on the page does; the page stays."""
        target = urljoin(self.address, address)
        headers = {"Accept": "application/json", "Origin": _origin(target), "Sec-Fetch-Site": "same-origin"}
        answer = self._client.request(method, target, headers=headers, **more)
        body = answer.json()
        if answer.status_code >= 400:
            raise PageUnexpected(f"{method} {urlsplit(target).path}: {body.get('code')} {body.get('title')}")
        assert isinstance(body, dict)
        return body

    def form(self, action: str) -> Form:
        """The form of the page that leads to this address."""
        forms = _Forms()
        forms.feed(self.text)
        for found in forms.found:
            if urljoin(self.address, found.action).endswith(action):
                return found
        raise PageUnexpected(f"no form to {action} on {urlsplit(self.address).path}")

    def submit(self, action: str, **typed: str) -> httpx.Response:
        """Fills the page's form in and submits it."""
        form = self.form(action)
        return self.post(form.action, {**form.fields, **typed})

    def expect(self, path: str) -> None:
        """Raises PageUnexpected when the page shown is another one."""
        if urlsplit(self.address).path != path:
            raise PageUnexpected(f"{urlsplit(self.address).path} instead of {path}")

    def close(self) -> None:
        """Ends the browser."""
        self._client.close()

    def _shown(self, answer: httpx.Response) -> httpx.Response:
        self.address, self.text = str(answer.url), answer.text
        if answer.status_code >= 400:
            raise PageUnexpected(f"{answer.status_code} at {urlsplit(self.address).path}")
        return answer

    def _site(self, target: str) -> str:
        if not self.address:
            return "none"
        return "same-origin" if _origin(self.address) == _origin(target) else "same-site"


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
