"""Reading the items of a slice, outside of transactions: each gives a phone or a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry

from inventory.models import QueueSource, SkuRule, TacModel, Validation
from inventory.rules.incoming import Incoming, read_item
from inventory.rules.refusals import ItemRefused, Note
from inventory.rules.sku import MATCHED, Rule, fold
from inventory.services.claims import ClaimedItem

SHOWN = 500
TAC_DIGITS = 8

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Judged:
    """Either `incoming`, `refusal` or `crash` is there."""

    item: ClaimedItem
    incoming: Incoming | None
    refusal: ItemRefused | None = None
    # Our own mistake: reading the item failed in a way that nobody thought of.
    crash: Exception | None = None
    notes: tuple[Note, ...] = ()
    # Of the item's source: where its new devices go when the item names no place.
    default_location: str | None = None


@dataclass(frozen=True)
class RuleBook:
    """What managers of an organization have set; read once a slice."""

    sources: Mapping[str, QueueSource]
    validators: Mapping[str, Draft202012Validator]
    sku_rules: tuple[Rule, ...]

    def is_strict(self, item: ClaimedItem) -> bool:
        """The policy of the request, else of the source, else the setting."""
        source = self.sources.get(item.source or "")
        policy = item.validation or (source and source.validation) or settings.QUEUE_IMEI_POLICY
        return bool(policy == Validation.STRICT)


def read_rule_book(organization_id: UUID) -> RuleBook:
    sources = {
        source.name: source
        for source in QueueSource.objects.filter(organization_id=organization_id, is_active=True)
    }
    rules = SkuRule.objects.filter(organization_id=organization_id, is_active=True)
    return RuleBook(
        sources=sources,
        validators={
            name: build_validator(source.json_schema)
            for name, source in sources.items()
            if source.json_schema is not None
        },
        sku_rules=tuple(
            Rule({name: getattr(rule, f"match_{name}") for name in MATCHED}, rule.sku)
            for rule in rules.order_by("position", "id")
        ),
    )


def build_validator(schema: object) -> Draft202012Validator:
    """It fetches nothing: a reference to elsewhere does not resolve."""
    return Draft202012Validator(schema, registry=Registry())


def judge_items(
    items: tuple[ClaimedItem, ...], *, organization_id: UUID, book: RuleBook
) -> list[Judged]:
    """Read every item, in the order of their ids."""
    judged = [judge_item(item, book) for item in sorted(items, key=lambda item: item.id)]
    return _note_models(judged, organization_id)


def judge_item(item: ClaimedItem, book: RuleBook) -> Judged:
    source = book.sources.get(item.source or "")
    place = source.default_location if source else None
    try:
        validator = book.validators.get(item.source or "")
        if validator is not None:
            check_against(item.data, validator)
        incoming = read_item(item.data, is_strict=book.is_strict(item))
    except ItemRefused as refusal:
        return Judged(item, None, refusal, default_location=place)
    except Exception as error:
        # One item that we cannot read must not cost its neighbours.
        logger.exception("item not read", item=item.id)
        return Judged(item, None, crash=error, default_location=place)
    return Judged(item, incoming, notes=incoming.notes, default_location=place)


def check_against(data: Mapping[str, Any], validator: Draft202012Validator) -> None:
    """Raises ItemRefused with the path."""
    error = best_match(validator.iter_errors(data))
    if error is not None:
        raise ItemRefused("schema_mismatch", f"{error.json_path}: {error.message}"[:SHOWN])


def _note_models(judged: list[Judged], organization_id: UUID) -> list[Judged]:
    """Tell where a model is not the one that other devices of the same type have."""
    named = {
        one.incoming.imei[:TAC_DIGITS]
        for one in judged
        if one.incoming is not None and "model" in one.incoming.known
    }
    if not named:
        return judged
    rows = TacModel.objects.filter(organization_id=organization_id, tac__in=named)
    models = dict(rows.values_list("tac", "model"))
    return [_note_model(one, models) for one in judged] if models else judged


def _note_model(one: Judged, models: Mapping[str, str]) -> Judged:
    if one.incoming is None:
        return one
    said, learned = one.incoming.known.get("model"), models.get(one.incoming.imei[:TAC_DIGITS])
    if said is None or learned is None or fold(said) == fold(learned):
        return one
    note = Note("model_differs_from_tac", f"Other devices of this type are {learned}")
    return replace(one, notes=(*one.notes, note))
