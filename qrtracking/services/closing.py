"""Closing a case short: what lies in it is all that it will hold."""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from accounts.errors import OrganizationRequired
from accounts.models import User
from qrtracking.errors import packing as packing_errors
from qrtracking.models import EventKind, MasterCode, ScanEvent
from qrtracking.services.case_effects import settle_case
from qrtracking.services.case_facts import check_case_open, read_case_facts
from qrtracking.services.case_locks import hold_case
from qrtracking.services.reasons import check_reason


@transaction.atomic
def close_case_short(*, actor: User, case_id: UUID, reason: str) -> MasterCode:
    """Make a case full with the units that it holds; returns it as it is now.

    Raises, in this order, ReasonRequired, ReasonTooLong, CaseNotFound, BatchNotReady, OrderLocked,
    CaseFull and CaseEmpty.
    """
    if actor.organization is None:
        raise OrganizationRequired
    reason = check_reason(reason, required=True)
    held = hold_case(organization_id=actor.organization.pk, case_id=case_id)
    if held is None:
        raise packing_errors.CaseNotFound
    order, case = held
    facts = read_case_facts(case)
    check_case_open(case, facts)
    count = facts.packed_count
    if not count:
        raise packing_errors.CaseEmpty
    MasterCode.objects.filter(pk=case.pk).update(
        expected_unit_count=count,
        actual_unit_count=count,
        short_reason=reason,
        updated_at=Now(),
    )
    ScanEvent.objects.create(
        organization_id=case.organization_id,
        batch_id=case.batch_id,
        order_id=case.order_id,
        kind=EventKind.CLOSE_SHORT,
        master_code=case,
        unit_count=count,
        actor=actor,
        note=reason,
    )
    return settle_case(case, actor=actor, order=order)
