from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.queries import refuse_unknown

ORDERING = "ordering"
Field = serializers.Field[Any, Any, Any, Any]


class NewestFirst(CursorPagination):
    """Pages that stay right, and fast, while rows are added: no counting, no offsets.

    They are what makes a list a list: here its query is held against what is known.
    """

    ordering: tuple[str, ...] = ("-created_at", "-id")
    page_size = 50
    max_page_size = 500
    page_size_query_param = "page_size"
    # Only rows that are alike in the first column of the ordering are counted off.
    offset_cutoff = 1_000_000
    # What a client may order by, and what a cursor may say of it.
    orderings: ClassVar[Mapping[str, Field]] = {"created_at": serializers.DateTimeField()}

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        refuse_unknown(request, self._known_parameters(view))
        return super().paginate_queryset(queryset, request, view)

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

    def decode_cursor(self, request: Request) -> Cursor | None:
        try:
            cursor = super().decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                name = self.ordering[0].removeprefix("-")
                self.orderings[name].run_validation(cursor.position)
        except (NotFound, ValidationError):
            raise ValidationError({"cursor": "Invalid cursor"}) from None
        return cursor

    def get_schema_operation_parameters(self, view: APIView) -> list[Any]:
        parameters: list[Any] = super().get_schema_operation_parameters(view)
        words = [f"{sign}{name}" for name in self.orderings for sign in ("", "-")]
        schema = {"type": "string", "enum": words}
        return [*parameters, {"name": ORDERING, "in": "query", "schema": schema}]

    def _known_parameters(self, view: Any) -> set[str]:
        filterset = getattr(view, "filterset_class", None)
        filters = set(filterset.base_filters) if filterset else set()
        return filters | {self.cursor_query_param, "page_size", ORDERING}


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
