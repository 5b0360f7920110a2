"""Whom we trust: pinned CA generations, the policy and revocation addresses of each, and the card-face authorities' keys.

Addresses come from here and never from a certificate, so that no certificate can send the server anywhere.

    trust/
    ├── trust.json           {"rehearsal", "generations": […], "face_keys": […]}
    └── signature-1.pem …
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from services.card.cv_certificate import RSAKeyObject
from services.domain.password import PasswordKind
from services.pki.profile import POLICY

FILE: Final = "trust.json"


@dataclass(frozen=True)
class Generation:
    """One pinned CA generation: what it issues, under which policy, and where its revocations are told."""

    label: str
    kind: PasswordKind
    certificate: x509.Certificate
    policy: x509.ObjectIdentifier
    ocsp_url: str
    crl_url: str

    def __post_init__(self) -> None:
        usage = self.certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        if not (usage.key_cert_sign and usage.crl_sign):
            raise ValueError(f"{self.label} is not a CA certificate")
        self.certificate.verify_directly_issued_by(self.certificate)
        for url in (self.ocsp_url, self.crl_url):
            if not url.startswith(("http://", "https://")):
                raise ValueError(f"{self.label} has a revocation address that is not HTTP")


@dataclass(frozen=True)
class TrustStore:
    """Everything that a verifier takes as given."""

    generations: tuple[Generation, ...]
    face_keys: Mapping[bytes, RSAKeyObject]  # by key id, 16 bytes
    rehearsal: bool  # certificates of a virtual issuer; production settings refuse such a store

    @classmethod
    def load(cls, directory: Path) -> "TrustStore":
        """Reads a directory that `publish` wrote, or that an operator made in its form.

        Raises:
            OSError, ValueError, KeyError: it is not such a directory. The process must not start.
        """
        content = json.loads((directory / FILE).read_text("utf-8"))
        return cls(
            generations=tuple(_generation(directory, entry) for entry in content["generations"]),
            face_keys={
                bytes.fromhex(entry["key_id"]): RSAKeyObject.parse(bytes.fromhex(entry["key"]))
                for entry in content["face_keys"]
            },
            rehearsal=bool(content["rehearsal"]),
        )

    def of_kind(self, kind: PasswordKind) -> Sequence[Generation]:
        """The generations whose certificates may stand for this password."""
        return [generation for generation in self.generations if generation.kind is kind]


def served(kind: PasswordKind, label: str, certificate: x509.Certificate, base_url: str) -> Generation:
    """A generation of the virtual issuer, whose revocations the responder at `base_url` tells."""
    base = base_url.rstrip("/")
    policy = x509.ObjectIdentifier(POLICY[kind])
    return Generation(label, kind, certificate, policy, f"{base}/ocsp", f"{base}/crl/{label}.crl")


def publish(directory: Path, generations: Sequence[Generation], face_keys: Mapping[bytes, RSAKeyObject]) -> None:
    """Writes a rehearsal's trust directory; `trust.json` last and at once, so that no reader sees half of it."""
    directory.mkdir(exist_ok=True)
    for generation in generations:
        (directory / f"{generation.label}.pem").write_bytes(generation.certificate.public_bytes(Encoding.PEM))
    content = {
        "rehearsal": True,
        "generations": [
            {
                "label": generation.label,
                "kind": generation.kind.value,
                "policy": generation.policy.dotted_string,
                "ocsp": generation.ocsp_url,
                "crl": generation.crl_url,
            }
            for generation in generations
        ],
        "face_keys": [{"key_id": key_id.hex(), "key": key.octets.hex()} for key_id, key in face_keys.items()],
    }
    draft = directory / f".{FILE}.new"
    draft.write_text(json.dumps(content, indent=2), "utf-8")
    draft.replace(directory / FILE)


def _generation(directory: Path, entry: Mapping[str, str]) -> Generation:
    label = entry["label"]
    if not label.replace("-", "").replace("_", "").isalnum():
        raise ValueError("a generation's label is letters, digits, - and _")
    return Generation(
        label=label,
        kind=PasswordKind(entry["kind"]),
        certificate=x509.load_pem_x509_certificate((directory / f"{label}.pem").read_bytes()),
        policy=x509.ObjectIdentifier(entry["policy"]),
        ocsp_url=entry["ocsp"],
        crl_url=entry["crl"],
    )
