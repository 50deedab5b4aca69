"""What the first eight digits of an IMEI have taught us, and what to do about unknown models."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import Error, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import User
from inventory import statements
from inventory.errors import DeviceNotFound, NothingSuggested
from inventory.models import Device, TacModel
from inventory.rules.chain import Stored
from inventory.rules.incoming import Incoming
from inventory.rules.merge import merge_device
from inventory.rules.working import PENDING, Working
from inventory.selectors.devices import find_device
from inventory.services.devices import read_devices, rewrite_devices
from inventory.services.judging import read_rule_book

logger = structlog.get_logger(__name__)


def learn_all_tacs() -> None:
    for (organization_id,) in statements.fetch_all("counted_organizations", {}):
        try:
            learn_tacs(organization_id=organization_id)
        except Error:
            # One organization's trouble is not the next one's.
            logger.exception("TACs not learned", organization=str(organization_id))


def learn_tacs(*, organization_id: UUID) -> int:
    """Learn from devices whose check digit is valid and whose brand and model are known.

    Suggests models where they are unknown. Returns how many TACs are learned.
    """
    with transaction.atomic():
        learned = statements.execute("learn_tacs", {"organization": organization_id})
    suggest_models(organization_id=organization_id)
    return learned


def suggest_models(*, organization_id: UUID) -> int:
    """Devices whose suggestion has changed."""
    with transaction.atomic():
        return statements.execute("suggest_models", {"organization": organization_id})


@transaction.atomic
def accept_suggestion(
    *, organization_id: UUID, actor: User | None, imei: str, now: datetime
) -> Device:
    """Write the suggested model into the device. Raises DeviceNotFound, NothingSuggested."""
    device = find_device(organization_id, imei)
    book = read_rule_book(organization_id)
    found = read_devices([device.imei], organization_id=organization_id).get(device.imei)
    if found is None:
        raise DeviceNotFound
    device.refresh_from_db()
    if not device.suggested:
        raise NothingSuggested
    pk, stored = found
    known: dict[str, Any] = {name: device.suggested[name] for name in ("brand", "model")}
    if "name" in stored.state.assumed:
        known["name"] = known["model"]
    merged = merge_device(
        stored.state,
        Incoming(
            device.imei, stored.state.luhn_valid, Working(PENDING, None, is_given=False), known
        ),
        queue_item_id=stored.state.last_queue_item_id or 0,
        batch_id=stored.state.last_batch_id,
        rules=book.sku_rules,
    )
    state = replace(merged.state, is_removed=stored.state.is_removed)
    rewrite_devices({pk: Stored(state, stored.location_id)}, organization_id=organization_id)
    Device.objects.filter(pk=pk).update(suggested=None, manual_changed_at=now)
    device.refresh_from_db()
    return device


def confirm_tacs(tacs: QuerySet[TacModel]) -> int:
    """What devices say later does not change them any more. Returns how many are new to it."""
    return tacs.filter(confirmed=False).update(confirmed=True, updated_at=Now())
