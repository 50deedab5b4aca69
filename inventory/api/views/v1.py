"""What all of `/api/v1/inventory` shares."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import IdempotentCreateMixin
from accounts.api.pagination import CursorPages
from accounts.api.permissions import OrganizationPermission
from accounts.models import User
from inventory.api.authentication import caller_of

TAG = "inventory"


class NewestFirst(CursorPages):
    page_size_query_param = "pageSize"

    def list_parameters(self, view: Any) -> set[str]:
        query: type[serializers.Serializer[Any]] | None = getattr(view, "query_serializer", None)
        return super().list_parameters(view) | set(query().fields if query else ())


class LastChangedFirst(NewestFirst):
    ordering = ("-updated_at", "-id")


class InventoryView(IdempotentCreateMixin):
    """Of one organization: that of the token or the session."""

    permission_classes = [OrganizationPermission]

    @property
    def organization_id(self) -> UUID:
        """Raises OrganizationRequired."""
        return caller_of(self.request).organization_id

    @property
    def actor(self) -> User | None:
        return caller_of(self.request).actor


class InventoryList(InventoryView, GenericAPIView[Any]):
    """`list_rows` gives the rows of the organization; filters and pages are applied to them."""

    pagination_class = NewestFirst

    def list_rows(self) -> "QuerySet[Any]":
        raise NotImplementedError

    def get_queryset(self) -> "QuerySet[Any]":
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return self.list_rows()

    def page(self, request: Request) -> Response:
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)


def read_body(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    body = serializer(data=request.data)
    body.is_valid(raise_exception=True)
    values: dict[str, Any] = body.validated_data
    return values
