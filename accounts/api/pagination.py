from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.queries import refuse_unknown

Field = serializers.Field[Any, Any, Any, Any]


class CursorPages(CursorPagination):
    """Pages that stay right, and fast, while rows are added: no counting, no offsets.

    They are what makes a list a list: here its query is held against what is known.
    """

    ordering: tuple[str, ...] = ("-created_at", "-id")
    page_size = 50
    max_page_size = 500
    page_size_query_param = "page_size"
    # Only rows that are alike in the first column of the ordering are counted off.
    offset_cutoff = 1_000_000
    # What that column holds: a cursor can say nothing else of it.
    position: ClassVar[Field] = serializers.DateTimeField()

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        refuse_unknown(request, self.list_parameters(view))
        return super().paginate_queryset(queryset, request, view)

    def decode_cursor(self, request: Request) -> Cursor | None:
        try:
            cursor = super().decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                self.get_position_field().run_validation(cursor.position)
        except (NotFound, ValidationError):
            raise ValidationError({"cursor": "Invalid cursor"}) from None
        return cursor

    def get_position_field(self) -> Field:
        return self.position

    def list_parameters(self, view: Any) -> set[str]:
        filterset = getattr(view, "filterset_class", None)
        filters = set(filterset.base_filters) if filterset else set()
        return filters | {self.cursor_query_param, str(self.page_size_query_param)}
