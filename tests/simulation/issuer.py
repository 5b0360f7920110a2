"""The virtual issuer with a memory."""

from services.ports import AuthorisationRequest, ResetAuthority


class RememberedAuthority:
    """The virtual issuer, whose same word for the same challenge takes the longest of a question."""

    def __init__(self, issuer: ResetAuthority) -> None:
        self._issuer = issuer
        self._given: dict[AuthorisationRequest, bytes] = {}
        self.confirm = issuer.confirm

    def authorise(self, request: AuthorisationRequest) -> bytes:
        if request not in self._given:
            self._given[request] = self._issuer.authorise(request)
        return self._given[request]
