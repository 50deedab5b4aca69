from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from accounts.api.pagination import CursorPages, Field
from accounts.api.queries import refuse_unknown

ORDERING = "ordering"
LAST_POSITION = 10_000_000


class NewestFirst(CursorPages):
    # What a client may order by, and what a cursor may say of it.
    orderings: ClassVar[Mapping[str, Field]] = {"created_at": serializers.DateTimeField()}

    def get_ordering(
        self, request: Request, queryset: QuerySet[Model], view: Any
    ) -> tuple[str, ...]:
        """The column that was asked for, with a tail that makes it unique."""
        asked = request.query_params.get(ORDERING)
        if asked is None:
            return self.ordering
        name = asked.removeprefix("-")
        if name not in self.orderings:
            raise ValidationError({ORDERING: f"Order by {' or '.join(self.orderings)}."})
        return (asked, f"{asked.removesuffix(name)}id")

    def get_position_field(self) -> Field:
        return self.orderings[self.ordering[0].removeprefix("-")]

    def get_schema_operation_parameters(self, view: APIView) -> list[Any]:
        parameters: list[Any] = super().get_schema_operation_parameters(view)
        words = [f"{sign}{name}" for name in self.orderings for sign in ("", "-")]
        schema = {"type": "string", "enum": words}
        return [*parameters, {"name": ORDERING, "in": "query", "schema": schema}]

    def list_parameters(self, view: Any) -> set[str]:
        return super().list_parameters(view) | {ORDERING}


class LogOrder(NewestFirst):
    # The key of a log line grows with time, and its index leads to the lines of one job.
    ordering = ("id",)
    orderings: ClassVar[Mapping[str, Field]] = {"id": serializers.UUIDField()}


class OrderOrder(NewestFirst):
    orderings: ClassVar[Mapping[str, Field]] = {
        **NewestFirst.orderings,
        "order_no": serializers.CharField(),
    }


class CaseOrder(NewestFirst):
    """Case numbers belong to a batch: in several of them cases come as they were made."""

    ordering = ("case_number", "id")
    orderings: ClassVar[Mapping[str, Field]] = {
        "case_number": serializers.IntegerField(min_value=0, max_value=2**31 - 1),
        "id": serializers.UUIDField(),
    }

    def get_ordering(
        self, request: Request, queryset: QuerySet[Model], view: Any
    ) -> tuple[str, ...]:
        named = {"batch", "order"} & request.query_params.keys()
        if ORDERING in request.query_params or named or view.detail:
            return super().get_ordering(request, queryset, view)
        return ("id",)


class SequenceOrder(NewestFirst):
    ordering = ("sequence_number", "id")
    orderings: ClassVar[Mapping[str, Field]] = {
        "sequence_number": serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    }


class PositionPages(BasePagination):
    """Pages of a list that never changes and that is read by position. They lead forward only."""

    page_size = NewestFirst.page_size
    max_page_size = NewestFirst.max_page_size

    def read_query(self, request: Request) -> tuple[int, int]:
        """The first position and how many at most. Raises UnknownFilter or ValidationError."""
        refuse_unknown(request, ["cursor", "page_size"])
        self.url = request.build_absolute_uri()
        return self._position(request), self._size(request)

    def answer(self, rows: list[Any], *, following: int | None) -> Response:
        next_url = None
        if following is not None:
            cursor = urlsafe_b64encode(str(following).encode()).decode()
            next_url = replace_query_param(self.url, "cursor", cursor)
        return Response({"next": next_url, "previous": None, "results": rows})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return NewestFirst().get_paginated_response_schema(schema)

    def get_schema_operation_parameters(self, view: APIView) -> list[Any]:
        return list(CursorPages().get_schema_operation_parameters(view))

    def _position(self, request: Request) -> int:
        text = request.query_params.get("cursor")
        if text is None:
            return 0
        try:
            position = int(urlsafe_b64decode(text.encode("ascii")).decode("ascii"))
        except ValueError:
            position = -1
        if not 0 <= position <= LAST_POSITION:
            raise ValidationError({"cursor": "Invalid cursor"})
        return position

    def _size(self, request: Request) -> int:
        text = request.query_params.get("page_size", "")
        is_size = text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0
        return min(int(text), self.max_page_size) if is_size else self.page_size
