"""Closing a case short."""

from uuid import uuid4

import pytest

from accounts.errors import OrganizationRequired
from qrtracking import errors
from qrtracking.errors import packing as packing_errors
from qrtracking.models import (
    LOCKED,
    PACKABLE,
    Batch,
    BatchStatus,
    CaseStatus,
    MasterCode,
    ScanEvent,
)
from qrtracking.services.closing import close_case_short
from tests.accounts.factories import OrganizationFactory, UserFactory, make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import case_of, link, pack, prepare

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    return make_generated_batch(units=20, per_case=10)


@pytest.fixture
def actor(batch):
    return make_member(organization=batch.organization)


def close(actor, batch, case_number, reason="Box torn"):
    return close_case_short(actor=actor, case_id=case_of(batch, case_number).pk, reason=reason)


class TestCloseCaseShort:
    def test_makes_the_case_full_with_what_it_holds(self, batch, actor):
        batch.order.buyer_org = OrganizationFactory()
        batch.order.save()
        pack(batch, 1, [1, 2, 3])

        case = close(actor, batch, 1, reason=" Box torn ")

        assert (case.expected_unit_count, case.actual_unit_count) == (3, 3)
        assert (case.status, case.short_reason) == (CaseStatus.PACKED, "Box torn")
        assert case.planned_unit_count == 10
        assert case.warehouse_org == batch.order.buyer_org
        event = ScanEvent.objects.get(batch=batch)
        assert (event.kind, event.unit_count, event.note) == ("close_short", 3, "Box torn")

    def test_puts_the_batch_into_production(self, batch, actor):
        pack(batch, 1, [1])

        close(actor, batch, 1)

        batch.refresh_from_db()
        assert batch.status == BatchStatus.IN_PRODUCTION

    def test_recounts_a_count_that_is_too_high(self, batch, actor):
        pack(batch, 1, [1, 2, 3])
        MasterCode.objects.filter(batch=batch, case_number=1).update(actual_unit_count=9)

        assert close(actor, batch, 1).actual_unit_count == 3

    def test_takes_no_more_units(self, batch, actor):
        pack(batch, 1, [1, 2, 3])
        prepare(batch)
        close(actor, batch, 1)

        with pytest.raises(errors.CaseFull):
            link(actor, batch, 1)

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_needs_a_reason(self, batch, actor, reason):
        pack(batch, 1, [1])

        with pytest.raises(packing_errors.ReasonRequired):
            close(actor, batch, 1, reason)

    def test_refuses_a_full_case(self, batch, actor):
        pack(batch, 1, range(1, 11))

        with pytest.raises(errors.CaseFull):
            close(actor, batch, 1)

    def test_refuses_an_empty_case(self, batch, actor):
        with pytest.raises(packing_errors.CaseEmpty):
            close(actor, batch, 1)

    def test_refuses_unknown_and_foreign_cases(self, actor):
        foreign = make_generated_batch(order_no="ORD-SH-1125-01", units=10, per_case=10)

        for case_id in (uuid4(), case_of(foreign, 1).pk):
            with pytest.raises(packing_errors.CaseNotFound):
                close_case_short(actor=actor, case_id=case_id, reason="x")

    @pytest.mark.parametrize("status", sorted(set(BatchStatus) - set(PACKABLE)))
    def test_refuses_a_batch_that_is_not_packed(self, batch, actor, status):
        pack(batch, 1, [1])
        Batch.objects.filter(pk=batch.pk).update(status=status)

        with pytest.raises(errors.BatchNotReady):
            close(actor, batch, 1)

    @pytest.mark.parametrize("status", LOCKED)
    def test_refuses_a_locked_order(self, batch, actor, status):
        pack(batch, 1, [1])
        MasterCode.objects.filter(batch=batch, case_number=2).update(status=status)

        with pytest.raises(errors.OrderLocked):
            close(actor, batch, 1)

    def test_needs_an_organization(self, batch):
        with pytest.raises(OrganizationRequired):
            close(UserFactory(), batch, 1)
