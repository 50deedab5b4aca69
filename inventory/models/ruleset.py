"""What managers set: sources and their schemas, SKU rules, and what TACs have taught us."""

from typing import Any

from django.db import models
from django.db.models.functions import Now

from inventory.models.base import StockTable, one_of
from inventory.models.queue import Validation


class QueueSource(StockTable):
    """How items of one source are treated, by the source's name."""

    name = models.CharField(max_length=50)
    json_schema = models.JSONField(null=True, blank=True)
    validation = models.CharField(max_length=6, null=True, blank=True, choices=Validation)  # noqa: DJ001 (null: the setting)
    default_location = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001 (null: none)
    max_retries = models.IntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True, db_default=True)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        db_table = "queue_source"
        verbose_name = "source"
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="queue_source_name_uniq"),
            one_of("queue_source_validation_valid", "validation", Validation),
            models.CheckConstraint(
                condition=models.Q(max_retries__gte=0, max_retries__lte=10),
                name="queue_source_retries_range",
            ),
        ]
        permissions = [("manage_rules", "Can manage sources, SKU rules and TAC models")]

    def __str__(self) -> str:
        return self.name


def match_field() -> Any:
    return models.CharField(max_length=100, default="", db_default="", blank=True)


class SkuRule(StockTable):
    """The first active rule whose non-blank matches fit gives the SKU."""

    position = models.IntegerField()
    match_brand = match_field()
    match_model = match_field()
    match_storage = match_field()
    match_color = match_field()
    match_carrier = match_field()
    sku = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True, db_default=True)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        db_table = "sku_rule"
        verbose_name = "SKU rule"
        indexes = [models.Index(fields=["organization", "position", "id"], name="sku_rule_org_idx")]

    def __str__(self) -> str:
        return self.sku


class TacModel(StockTable):
    """Brand and model behind the first eight digits of an IMEI, learned or confirmed."""

    tac = models.CharField(max_length=8)
    brand = models.CharField(max_length=100)
    model = models.CharField(max_length=100)
    device_count = models.IntegerField(default=0, db_default=0)
    confirmed = models.BooleanField(default=False, db_default=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        db_table = "tac_model"
        verbose_name = "TAC model"
        constraints = [
            models.UniqueConstraint(fields=["organization", "tac"], name="tac_model_tac_uniq"),
            models.CheckConstraint(
                condition=models.Q(tac__regex="^[0-9]{8}$"), name="tac_model_tac_digits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tac} {self.brand} {self.model}"
