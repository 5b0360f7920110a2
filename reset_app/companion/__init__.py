"""The companion: a small program on the resident's own device that owns the card reader and takes the password.

A web page cannot speak to a card, and a password has no business in a web page of the server. So the page hands over to this
program, which shows who asks for what, works with the card, sends the proof, and hands back (`docs/protocols.md`).

It is its own process, `python -m reset_app.companion`, listens on loopback only, and holds no database credentials: of this
project it imports `services.card`, `services.domain`, `services.ports` and the signed bytes, and nothing of the server.
"""
