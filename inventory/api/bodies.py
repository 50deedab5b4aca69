"""Bodies of any size: counted and hashed as they come in, on disk when they are large.

`request.body` is never touched: it would hold the whole body in memory.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.http import HttpRequest
from django.http.request import UnreadablePostError

from inventory.api.errors import BodyTooLarge

MEGABYTE = 1024 * 1024
IN_MEMORY = MEGABYTE
AT_ONCE = 64 * 1024
# A client that is still sending would never see a refusal: so much of its body is read for it.
DISCARDED_AT_MOST = 64 * MEGABYTE


class RequestBody:
    """The body of one request, read when it is first asked for."""

    def __init__(self, request: HttpRequest, *, megabytes: int) -> None:
        self._read = _reader(request)
        self._announced = _announced(request)
        self._megabytes = megabytes
        self._file: IO[bytes] | None = None
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def is_absent(self) -> bool:
        """Known without reading: no length and no chunks."""
        return self._announced == 0

    def open(self) -> IO[bytes]:
        """The body from its beginning. Raises BodyTooLarge, UnreadablePostError."""
        if self._file is None:
            self._file = self._spool()
        self._file.seek(0)
        return self._file

    def digest(self) -> str:
        self.open()
        return self._hash.hexdigest()

    def _spool(self) -> IO[bytes]:
        limit = self._megabytes * MEGABYTE
        if self._announced is not None and self._announced > limit:
            raise BodyTooLarge(self._megabytes)
        spool: Any = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (closed by `close`)
        try:
            while piece := self._read(AT_ONCE):
                self._count(piece, limit)
                self._hash.update(piece)
                spool.write(piece)
        except BaseException:
            spool.close()
            raise
        file: IO[bytes] = spool
        return file

    def _count(self, piece: bytes, limit: int) -> None:
        self.size += len(piece)
        if self.size > limit:
            raise BodyTooLarge(self._megabytes)

    def close(self) -> None:
        """Forget the body; what the client is still sending is read and thrown away."""
        if self._file is not None:
            self._file.close()
            return
        with suppress(UnreadablePostError, OSError):
            for _ in range(DISCARDED_AT_MOST // AT_ONCE):
                if not self._read(AT_ONCE):
                    return


def _is_chunked(request: HttpRequest) -> bool:
    """The server ends the stream itself; Django would read nothing without a length."""
    return not request.META.get("CONTENT_LENGTH") and "wsgi.input_terminated" in request.META


def _announced(request: HttpRequest) -> int | None:
    """The length, or None when only reading tells."""
    if _is_chunked(request) and "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        return None
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isascii() and length.isdigit() else 0


def _reader(request: HttpRequest) -> Callable[[int], bytes]:
    if _announced(request) is not None:
        return request.read
    stream = request.META["wsgi.input"]

    def read(size: int) -> bytes:
        try:
            piece: bytes = stream.read(size)
        except OSError as error:
            raise UnreadablePostError(*error.args) from error
        return piece

    return read
