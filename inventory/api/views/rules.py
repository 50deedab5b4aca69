"""`/api/v1/inventory/sources`, `/sku-rules`, `/tac-models`: managers write them, members read them."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ModelViewSet

from accounts.api.permissions import ManagerWrites
from accounts.api.schema import IDEMPOTENCY_KEY
from inventory.api.v1_filters import SkuRuleFilter, SourceFilter, TacModelFilter
from inventory.api.v1_rules import SkuRuleSerializer, SourceSerializer, TacModelSerializer
from inventory.api.views.v1 import TAG, InventoryView, NewestFirst
from inventory.errors import RuleExists
from inventory.models import QueueSource, SkuRule, TacModel


class ByName(NewestFirst):
    ordering = ("name", "id")
    position = serializers.CharField()


class ByPosition(NewestFirst):
    ordering = ("position", "id")
    position = serializers.IntegerField(min_value=-(2**31), max_value=2**31 - 1)


class ByTac(NewestFirst):
    ordering = ("tac", "id")
    position = serializers.CharField()


class RuleViewSet(InventoryView, ModelViewSet[Any]):
    permission_classes = [ManagerWrites]

    def get_queryset(self) -> "QuerySet[Any]":
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.filter(organization_id=self.organization_id)

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        _save(serializer, organization_id=self.organization_id)

    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        _save(serializer)


def _save(serializer: BaseSerializer[Any], **owner: Any) -> None:
    """Raises RuleExists: only the database knows what others write at the same moment."""
    try:
        with transaction.atomic():
            serializer.save(**owner)
    except IntegrityError:
        raise RuleExists from None


def described(noun: str) -> Any:
    """Tag, names and header of the operations of a view set."""
    writes = [IDEMPOTENCY_KEY]
    return extend_schema_view(
        list=extend_schema(operation_id=f"inventory_{noun}_list", tags=[TAG]),
        retrieve=extend_schema(operation_id=f"inventory_{noun}_retrieve", tags=[TAG]),
        create=extend_schema(
            operation_id=f"inventory_{noun}_create", tags=[TAG], parameters=writes
        ),
        partial_update=extend_schema(
            operation_id=f"inventory_{noun}_update", tags=[TAG], parameters=writes
        ),
        destroy=extend_schema(
            operation_id=f"inventory_{noun}_delete", tags=[TAG], parameters=writes
        ),
    )


@described("sources")
class SourceViewSet(RuleViewSet):
    """How items of one source are treated."""

    queryset = QueueSource.objects.all()
    serializer_class = SourceSerializer
    pagination_class = ByName
    filterset_class = SourceFilter


@described("sku_rules")
class SkuRuleViewSet(RuleViewSet):
    """The first active rule whose non-blank matches fit gives a phone its SKU."""

    queryset = SkuRule.objects.all()
    serializer_class = SkuRuleSerializer
    pagination_class = ByPosition
    filterset_class = SkuRuleFilter


@described("tac_models")
class TacModelViewSet(RuleViewSet):
    """Brand and model behind the first eight digits of an IMEI, learned or confirmed."""

    queryset = TacModel.objects.all()
    serializer_class = TacModelSerializer
    pagination_class = ByTac
    filterset_class = TacModelFilter
