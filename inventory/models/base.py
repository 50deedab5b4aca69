"""Pieces that several tables of this app are made of."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import Organization, TenantQuerySet

if TYPE_CHECKING:
    ForeignKey = models.ForeignKey[Any, Any]
    OneToOneField = models.OneToOneField[Any, Any]
else:
    ForeignKey, OneToOneField = models.ForeignKey, models.OneToOneField


class StockTable(models.Model):
    """Ids are numbers here: operators' SQL and the contract know items by them."""

    id = models.BigAutoField(primary_key=True, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[Any] = TenantQuerySet.as_manager()

    class Meta:
        abstract = True


class DeviceRow(ForeignKey):
    """A key to the device; the database deletes what hangs on it, see the migration."""

    def __init__(self, to: Any = "inventory.Device", on_delete: Any = None, **kwargs: Any) -> None:
        kwargs.update(db_constraint=False, db_column="item_id")
        kwargs.setdefault("db_index", False)
        kwargs.setdefault("related_name", "+")
        super().__init__(to, on_delete or models.DO_NOTHING, **kwargs)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs


def one_of(name: str, field: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": choices.values}), name=name)
