"""What failed, as JSON or as a file that can be corrected and sent again; streamed in each case."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from accounts.api.files import file_answer
from accounts.api.queries import refuse_unknown
from inventory.errors import FormatInvalid
from inventory.selectors.exports import Table
from tables.streaming import (
    CSV_CONTENT_TYPE,
    XLSX_CONTENT_TYPE,
    Sheet,
    stream_csv,
    stream_xlsx,
)

JSON_CONTENT_TYPE = "application/json"
ROWS_A_PIECE = 500
PARAMETERS = [OpenApiParameter("format", str, enum=["json", "csv", "xlsx"], default="json")]
ANSWERS: dict[tuple[int, str], Any] = {
    (200, JSON_CONTENT_TYPE): OpenApiTypes.OBJECT,
    (200, "text/csv"): OpenApiTypes.BINARY,
    (200, XLSX_CONTENT_TYPE): OpenApiTypes.BINARY,
}


def read_format(request: Request) -> str:
    """Raises UnknownFilter, FormatInvalid."""
    refuse_unknown(request, ["format"])
    kind = request.query_params.get("format", "json")
    if kind not in ("json", "csv", "xlsx"):
        raise FormatInvalid
    return kind


def error_answer(
    kind: str,
    *,
    stem: str,
    rows: Callable[[], Iterator[Mapping[str, Any]]],
    table: Callable[[], Table],
) -> HttpResponseBase:
    """`rows` are the results of the JSON, `table` what the file holds; one of them is asked for."""
    name = f"{stem}-errors.{kind}"
    if kind == "json":
        answer = file_answer(_as_json(rows()), name=name, content_type=JSON_CONTENT_TYPE)
        del answer.headers["Content-Disposition"]
        return answer
    content = table()
    if kind == "csv":
        pieces = stream_csv(content.header, content.rows)
        return file_answer(pieces, name=name, content_type=CSV_CONTENT_TYPE)
    pieces = stream_xlsx([Sheet(content.title, content.header, content.rows)])
    return file_answer(pieces, name=name, content_type=XLSX_CONTENT_TYPE)


def _as_json(rows: Iterator[Mapping[str, Any]]) -> Iterator[bytes]:
    """`{"results": [...]}`, some rows a piece."""
    render = JSONRenderer().render
    piece, comma = [b'{"results":['], b""
    for row in rows:
        piece += [comma, render(row)]
        comma = b","
        if len(piece) > 2 * ROWS_A_PIECE:
            yield b"".join(piece)
            piece = []
    yield b"".join([*piece, b"]}"])
