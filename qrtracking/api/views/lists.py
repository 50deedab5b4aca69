from typing import Any

from django.db.models import QuerySet
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.response import Response


class ListsBelow(GenericAPIView[Any]):
    """For resources with lists of their own below them: the cases of a batch, the units of a case."""

    def get_row(self) -> Any:
        """The row in the address, whatever the query says: its filters are for the list."""
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def page_of(self, rows: QuerySet[Any]) -> Response:
        page = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
