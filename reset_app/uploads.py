"""Uploads stay in memory: the framework would write a picture of more than 500 kB to a temporary file, unsealed."""

from io import BytesIO
from typing import IO

from flask import Request


class RequestInMemory(Request):
    """A request whose files never touch the disk. How much it may bring is limited by each view, before it is read."""

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002  # the framework's signature
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        return BytesIO()
