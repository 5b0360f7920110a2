"""A server with a key that nobody vouches for, over real TLS: it hears no request, and the next person is served."""

import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from datetime import timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from kiosk_world import NOW, S

from kiosk.line import Line

pytestmark = pytest.mark.enable_socket

ANSWER = b'{"nonce":"%s","origin":"https://localhost"}' % (b"A" * 43)
RESPONSE = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(ANSWER), ANSWER)


def self_signed(file) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(NOW - timedelta(days=9000))
        .not_valid_after(NOW + timedelta(days=9000))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + made.public_bytes(Encoding.PEM))


@contextmanager
def impostor(file, heard):
    """Answers every question alike, in a thread; gives the origin."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    def answer():
        while True:
            line, _ = listener.accept()
            with line, suppress(OSError), context.wrap_socket(line, server_side=True) as safe:
                octets = safe.recv(1)
                if not octets:
                    return
                heard.append(octets + safe.recv(65_536))
                safe.sendall(RESPONSE)

    def stop():
        trusting = ssl.create_default_context(cafile=file)
        with socket.create_connection(listener.getsockname()) as line:
            trusting.wrap_socket(line, server_hostname="localhost").close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer)
        thread.start()
        yield f"https://localhost:{listener.getsockname()[1]}"
        stop()
        thread.join(10)


@pytest.fixture
def file(tmp_path):
    self_signed(tmp_path / "server.pem")
    return tmp_path / "server.pem"


@contextmanager
def asking(server, origin):
    """This server instead of its own."""
    own = server.origin, server._client
    with httpx.Client(transport=Line()) as client:
        server.origin, server._client = origin, client
        yield
    server.origin, server._client = own


def test_somebody_elses_key_is_refused_before_anything_is_said(world, file):
    heard, server = [], world.kiosk.controller._bench.server
    world.reserve()
    with impostor(file, heard) as origin, asking(server, origin):
        assert world.to_new_password() == S.FAILED
    assert ("PR-7009", True) == (world.kiosk.code, world.paused < timedelta(seconds=10))
    assert [] == heard
    assert world.serves_the_next_person()


def test_the_same_server_is_heard_by_who_trusts_it(world, file, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    heard, server = [], world.kiosk.controller._bench.server
    with impostor(file, heard) as origin, asking(server, origin):
        assert bytes(32) == server.challenge()
    assert 1 == len(heard)
