from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """Pages that stay right, and fast, while rows are added: no counting, no offsets."""

    ordering = ("-created_at", "-id")
    page_size = 50
    max_page_size = 500
    page_size_query_param = "page_size"


class LogOrder(NewestFirst):
    # The key of a log line grows with time, and its index leads to the lines of one job.
    ordering = "id"  # type: ignore[assignment] # the stubs know tuples only


class CaseOrder(NewestFirst):
    ordering = ("case_number", "id")
