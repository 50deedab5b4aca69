"""The warehouse's intake."""

import pytest

from accounts.errors import OrganizationRequired
from qrtracking import errors
from qrtracking.errors import packing as packing_errors
from qrtracking.models import Batch, CaseStatus, MasterCode, ScanEvent, UnitCode
from qrtracking.services.receiving import MAX_RECEIVED, Refused, receive_cases
from tests.accounts.factories import OrganizationFactory, UserFactory, make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import case_of, link, pack

pytestmark = pytest.mark.django_db


@pytest.fixture
def warehouse():
    return OrganizationFactory(kind="warehouse")


@pytest.fixture
def batch(warehouse) -> Batch:
    """Cases 1 and 2 are ready to ship, case 3 holds one unit, case 4 is empty."""
    batch = make_generated_batch(units=40, per_case=10, warehouse_org=warehouse)
    pack(batch, 1, range(1, 11))
    pack(batch, 2, range(11, 21))
    pack(batch, 3, [21])
    MasterCode.objects.filter(batch=batch, case_number__lte=2).update(
        status="ready_to_ship", actual_unit_count=10, warehouse_org=warehouse
    )
    return batch


@pytest.fixture
def actor(batch):
    return make_member(organization=batch.organization)


def label(batch, case_number) -> str:
    return case_of(batch, case_number).master_code


class TestReceiveCases:
    @pytest.mark.parametrize("status", ["ready_to_ship", "in_transit"])
    def test_moves_cases_and_units(self, batch, actor, warehouse, status):
        MasterCode.objects.filter(batch=batch, case_number=1).update(status=status)

        receipt = receive_cases(actor=actor, master_codes=[label(batch, 1)])

        (case,) = receipt.received
        assert case.status == CaseStatus.RECEIVED_WAREHOUSE
        assert (case.warehouse_received_by_id, case.warehouse_org_id) == (actor.pk, warehouse.pk)
        assert case.warehouse_received_at is not None
        units = UnitCode.objects.filter(master_code=case)
        assert set(units.values_list("status", "current_location_org")) == {
            ("received_warehouse", warehouse.pk)
        }
        event = ScanEvent.objects.get(batch=batch)
        assert (event.kind, event.unit_count, event.master_code_id) == ("receive", 10, case.pk)

    def test_leaves_used_spares_used(self, batch, actor, warehouse):
        UnitCode.objects.filter(batch=batch, sequence_number=41).update(
            status="buffer_used", master_code=case_of(batch, 1)
        )

        receive_cases(actor=actor, master_codes=[label(batch, 1)])

        spare = UnitCode.objects.get(batch=batch, sequence_number=41)
        assert (spare.status, spare.current_location_org_id) == ("buffer_used", warehouse.pk)

    def test_locks_the_order(self, batch, actor):
        receive_cases(actor=actor, master_codes=[label(batch, 1)])

        with pytest.raises(errors.OrderLocked):
            link(actor, batch, 4)

    def test_refuses_each_bad_label_for_itself(self, batch, actor):
        foreign = make_generated_batch(order_no="ORD-SH-1125-01", units=10, per_case=10)
        MasterCode.objects.filter(batch=batch, case_number=4).update(status="opened")
        labels = [label(foreign, 1), label(batch, 3), label(batch, 4), label(batch, 2), "zzz"]

        receipt = receive_cases(actor=actor, master_codes=labels)

        assert [case.case_number for case in receipt.received] == [2]
        assert receipt.refused == [
            Refused(label(foreign, 1), "Master code not found"),
            Refused(label(batch, 3), "Case #3 is not ready to ship (generated)."),
            Refused(label(batch, 4), "Case #4 is already received."),
            Refused("zzz", "Master code not found"),
        ]

    def test_receives_a_case_with_two_labels_once(self, batch, actor):
        code = label(batch, 1)

        receipt = receive_cases(actor=actor, master_codes=[code, code.lower(), code])

        assert (len(receipt.received), receipt.refused) == (1, [])
        assert ScanEvent.objects.filter(batch=batch).count() == 1

    def test_twice_is_refused_calmly(self, batch, actor):
        receive_cases(actor=actor, master_codes=[label(batch, 1)])

        again = receive_cases(actor=actor, master_codes=[label(batch, 1)])

        assert again.refused == [Refused(label(batch, 1), "Case #1 is already received.")]

    def test_may_name_a_destination_of_the_order(self, batch, actor):
        buyer = OrganizationFactory()
        batch.order.buyer_org = buyer
        batch.order.save()

        (case,) = receive_cases(
            actor=actor, master_codes=[label(batch, 1)], warehouse_org_id=buyer.pk
        ).received

        assert case.warehouse_org_id == buyer.pk

    def test_refuses_another_warehouse(self, batch, actor):
        elsewhere = OrganizationFactory(kind="warehouse")

        receipt = receive_cases(
            actor=actor, master_codes=[label(batch, 1)], warehouse_org_id=elsewhere.pk
        )

        assert [one.reason for one in receipt.refused] == ["Case #1 does not go to this warehouse."]

    def test_takes_cases_of_several_orders(self, batch, actor, django_assert_max_num_queries):
        other = make_generated_batch(organization=batch.organization, units=10, per_case=10)
        MasterCode.objects.filter(batch=other).update(status="in_transit")
        labels = [label(batch, 1), label(batch, 2), label(other, 1)]
        assert actor.organization

        with django_assert_max_num_queries(10):
            receipt = receive_cases(actor=actor, master_codes=labels)

        assert len(receipt.received) == 3

    def test_needs_labels(self, actor):
        with pytest.raises(packing_errors.MasterCodesRequired):
            receive_cases(actor=actor, master_codes=[])

    def test_takes_so_many_labels_at_most(self, actor):
        with pytest.raises(packing_errors.TooManyMasterCodes) as refused:
            receive_cases(actor=actor, master_codes=[str(n) for n in range(MAX_RECEIVED + 1)])

        assert str(refused.value) == "master_codes has over 200 entries"

    def test_needs_an_organization(self):
        with pytest.raises(OrganizationRequired):
            receive_cases(actor=UserFactory(), master_codes=["x"])
