"""Answers that are files."""

from collections.abc import Iterable
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView


class AnyAccept(BaseContentNegotiation):
    """For addresses that name the kind of their file: whoever asks gets it, refusals are JSON."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        return next(iter(parsers), None)

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


class FileView(APIView):
    """A view whose answer is a file that is made while it is sent."""

    content_negotiation_class = AnyAccept

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if request.method == "HEAD" and isinstance(answer, StreamingHttpResponse):
            # Who asks for the head only need not wait until the file is made.
            answer.streaming_content = ()
        return answer


def file_answer(pieces: Iterable[bytes], *, name: str, content_type: str) -> StreamingHttpResponse:
    """A download whose bytes are made while they are sent."""
    disposition = content_disposition_header(as_attachment=True, filename=name) or ""
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return StreamingHttpResponse(pieces, content_type=content_type, headers=headers)


def file_schema(content_type: str) -> dict[tuple[int, str], Any]:
    """The answers of an operation whose answer is a file."""
    return {(200, content_type.partition(";")[0]): OpenApiTypes.BINARY}
