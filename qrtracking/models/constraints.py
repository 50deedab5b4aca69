"""Pieces that several tables of this app are made of."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from qrtracking.rules.codes import CODE_PATTERN

DEFAULT_BUFFER_PERCENT = Decimal(10)


def one_of(table: str, field: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": choices.values}), name=f"{table}_{field}_valid"
    )


def at_least(table: str, field: str, minimum: int) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{field}__gte": minimum}), name=f"{table}_{field}_at_least_{minimum}"
    )


def code_format(table: str, field: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{field}__regex": CODE_PATTERN}), name=f"{table}_{field}_format"
    )


def percent(table: str, field: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{field}__gte": 0, f"{field}__lte": 100}), name=f"{table}_{field}_range"
    )


def tenant_key(table: str) -> models.UniqueConstraint:
    """What child tables point at, so that no child can hang on another organization's row."""
    return models.UniqueConstraint(fields=["organization", "id"], name=f"{table}_org_id_uniq")


if TYPE_CHECKING:
    CharField = models.CharField[str, str]
    ForeignKey = models.ForeignKey[Any, Any]
else:
    CharField, ForeignKey = models.CharField, models.ForeignKey


class CodeField(CharField):
    """The text of a code: compared by bytes, so upper() and prefixes find their index."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["db_collation"] = "C"
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class Link(ForeignKey):
    """A key whose constraint, if it has one, is written in the migration.

    The database cascades by itself: Django would read a million units to delete their batch.
    Where the specification asks for no constraint, it is only a column to join by.
    """

    def __init__(self, to: Any, on_delete: Any = models.DO_NOTHING, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs.setdefault("related_name", "+")
        kwargs.setdefault("db_index", False)
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs
