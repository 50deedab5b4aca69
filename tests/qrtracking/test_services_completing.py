"""Completing production: the batch, its cases, and the units that follow them."""

from uuid import uuid4

import pytest

from accounts.errors import OrganizationRequired
from qrtracking import errors
from qrtracking.errors import packing as packing_errors
from qrtracking.models import (
    LOCKED,
    Batch,
    BatchStatus,
    CaseStatus,
    MasterCode,
    ScanEvent,
    UnitCode,
)
from qrtracking.services import completing
from qrtracking.services.cleaning import keep_house
from qrtracking.services.completing import complete_production, move_units_of_completed
from qrtracking.services.receiving import receive_cases
from tests.accounts.factories import OrganizationFactory, UserFactory, make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import case_of, link, pack, prepare

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    """40 MINT, 4 spares (41-44), 4 cases of 10, with a warehouse to go to."""
    return make_generated_batch(
        order_no="ORD-HM-1125-02",
        units=40,
        per_case=10,
        warehouse_org=OrganizationFactory(kind="warehouse"),
    )


@pytest.fixture
def actor(batch):
    return make_member(organization=batch.organization)


def pack_cases(actor, batch, count=4) -> None:
    prepare(batch)
    for number in range(1, count + 1):
        link(actor, batch, number)


def statuses(batch, case_number) -> set[str]:
    units = UnitCode.objects.filter(master_code=case_of(batch, case_number))
    return set(units.values_list("status", flat=True))


class TestCompleteProduction:
    def test_ends_the_batch_and_sends_its_packed_cases(self, batch, actor):
        pack_cases(actor, batch)

        done = complete_production(actor=actor, batch_id=batch.pk)

        assert done.batch.status == BatchStatus.COMPLETED
        assert done.batch.production_completed_by == actor
        assert done.completed_at is not None
        assert (done.cases_updated, done.total_cases, done.packed_cases) == (4, 4, 4)
        assert done.progress_percentage == 100
        assert done.destination_id == batch.order.warehouse_org_id
        cases = MasterCode.objects.filter(batch=batch)
        assert set(cases.values_list("status", flat=True)) == {CaseStatus.READY_TO_SHIP}
        event = ScanEvent.objects.get(batch=batch, kind="complete")
        assert (event.unit_count, event.actor_id, event.master_code_id) == (40, actor.pk, None)

    def test_may_go_to_the_buyer(self, batch, actor):
        batch.order.warehouse_org, batch.order.buyer_org = None, OrganizationFactory()
        batch.order.save()
        pack_cases(actor, batch)

        done = complete_production(actor=actor, batch_id=batch.pk)

        assert done.destination_id == batch.order.buyer_org_id

    def test_refuses_incomplete_batches(self, batch, actor):
        pack_cases(actor, batch, 3)

        with pytest.raises(packing_errors.BatchIncomplete) as refused:
            complete_production(actor=actor, batch_id=batch.pk, reason="No more tea")

        assert str(refused.value) == "Batch is not complete: 3 of 4 cases are packed."
        assert refused.value.extra == {"unpacked_case_numbers": [4]}
        assert refused.value.kind == "conflict"

    def test_ends_an_incomplete_batch_for_a_reason(self, batch, actor):
        pack_cases(actor, batch, 3)
        pack(batch, 4, [31])
        MasterCode.objects.filter(batch=batch, case_number=4).update(actual_unit_count=1)

        done = complete_production(
            actor=actor, batch_id=batch.pk, allow_incomplete=True, reason=" No more tea "
        )

        assert (done.cases_updated, done.packed_cases, done.progress_percentage) == (3, 3, 75)
        assert case_of(batch, 4).status == CaseStatus.GENERATED
        event = ScanEvent.objects.get(batch=batch, kind="complete")
        assert (event.note, event.unit_count) == ("No more tea", 31)

    def test_needs_a_reason_for_an_incomplete_batch(self, batch, actor):
        pack_cases(actor, batch, 3)

        with pytest.raises(packing_errors.ReasonRequired):
            complete_production(actor=actor, batch_id=batch.pk, allow_incomplete=True)

    @pytest.mark.parametrize(
        "status", sorted(set(BatchStatus) - {BatchStatus.PRINTING, BatchStatus.IN_PRODUCTION})
    )
    def test_refuses_a_batch_that_is_not_in_production(self, batch, actor, status):
        Batch.objects.filter(pk=batch.pk).update(status=status)

        with pytest.raises(packing_errors.BatchNotInProduction) as refused:
            complete_production(actor=actor, batch_id=batch.pk)

        assert str(refused.value) == (
            f"Batch must be in production or printing status. Current status: {status}"
        )
        assert refused.value.kind == "invalid"

    def test_refuses_an_order_without_destination(self, actor):
        nowhere = make_generated_batch(organization=actor.organization, units=10, per_case=10)

        with pytest.raises(packing_errors.NoDestination) as refused:
            complete_production(actor=actor, batch_id=nowhere.pk)

        assert str(refused.value) == (
            "Order has no destination warehouse assigned. Cannot complete production."
        )

    @pytest.mark.parametrize("status", LOCKED)
    def test_refuses_a_locked_order(self, batch, actor, status):
        pack_cases(actor, batch)
        MasterCode.objects.filter(batch=batch, case_number=4).update(status=status)

        with pytest.raises(errors.OrderLocked):
            complete_production(actor=actor, batch_id=batch.pk)

    def test_refuses_unknown_and_foreign_batches(self, actor):
        foreign = make_generated_batch(order_no="ORD-SH-1125-01", units=10, per_case=10)

        for batch_id in (uuid4(), foreign.pk):
            with pytest.raises(errors.BatchNotFound):
                complete_production(actor=actor, batch_id=batch_id)

    def test_needs_an_organization(self, batch):
        with pytest.raises(OrganizationRequired):
            complete_production(actor=UserFactory(), batch_id=batch.pk)

    def test_ends_the_packing(self, batch, actor):
        pack_cases(actor, batch, 3)
        complete_production(
            actor=actor, batch_id=batch.pk, allow_incomplete=True, reason="No more tea"
        )

        with pytest.raises(errors.BatchNotReady):
            link(actor, batch, 4)


class TestMoveUnitsOfCompleted:
    def test_follows_in_slices_and_once(self, batch, actor, monkeypatch):
        monkeypatch.setattr(completing, "SLICE", 15)
        pack_cases(actor, batch)
        complete_production(actor=actor, batch_id=batch.pk)
        assert statuses(batch, 1) == {"packed"}

        first, again = keep_house(), keep_house()

        assert (first["followed"], again["followed"]) == (40, 0)
        assert [statuses(batch, number) for number in (1, 2, 3, 4)] == [{"ready_to_ship"}] * 4
        batch.refresh_from_db()
        assert batch.cursor == {}

    def test_goes_on_where_it_stopped(self, batch, actor, monkeypatch):
        monkeypatch.setattr(completing, "SLICE", 10)
        pack_cases(actor, batch)
        complete_production(actor=actor, batch_id=batch.pk)

        completing._move_slice()

        batch.refresh_from_db()
        assert batch.cursor == {"followed_case": 1}
        assert [statuses(batch, number) for number in (1, 2)] == [{"ready_to_ship"}, {"packed"}]

    def test_leaves_what_is_not_in_a_packed_case(self, batch, actor):
        pack_cases(actor, batch, 3)
        pack(batch, 4, [31])
        complete_production(
            actor=actor, batch_id=batch.pk, allow_incomplete=True, reason="No more tea"
        )

        list(move_units_of_completed())

        assert statuses(batch, 4) == {"packed"}

    def test_does_nothing_for_batches_in_production(self, batch, actor):
        pack_cases(actor, batch)

        assert list(move_units_of_completed()) == []

    def test_leaves_units_that_were_received_before(self, batch, actor):
        pack_cases(actor, batch)
        complete_production(actor=actor, batch_id=batch.pk)
        receive_cases(actor=actor, master_codes=[case_of(batch, 1).master_code])

        assert sum(move_units_of_completed()) == 30
        assert statuses(batch, 1) == {"received_warehouse"}
