"""The query of a list is allow-listed: a filter that is misspelled would silently show everything."""

from collections.abc import Iterable

from rest_framework.request import Request

from accounts.errors import UnknownFilter


def refuse_unknown(request: Request, known: Iterable[str]) -> None:
    """Raises UnknownFilter, which names the first parameter that is not known."""
    unknown = [name for name in request.query_params if name not in set(known)]
    if unknown:
        raise UnknownFilter(unknown[0])
