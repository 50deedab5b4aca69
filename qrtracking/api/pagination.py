from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request


class NewestFirst(CursorPagination):
    """Pages that stay right, and fast, while rows are added: no counting, no offsets."""

    ordering: tuple[str, ...] = ("-created_at", "-id")
    page_size = 50
    max_page_size = 500
    page_size_query_param = "page_size"
    # What a cursor may say of the first column of the ordering.
    position_field: ClassVar[serializers.Field[Any, Any, Any, Any]] = serializers.DateTimeField()

    def decode_cursor(self, request: Request) -> Cursor | None:
        try:
            cursor = super().decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                self.position_field.run_validation(cursor.position)
        except (NotFound, ValidationError):
            raise ValidationError({"cursor": "Invalid cursor"}) from None
        return cursor


class LogOrder(NewestFirst):
    # The key of a log line grows with time, and its index leads to the lines of one job.
    ordering = ("id",)
    position_field = serializers.UUIDField()


class CaseOrder(NewestFirst):
    ordering = ("case_number", "id")
    position_field = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
