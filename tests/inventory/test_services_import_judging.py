"""The dry run says what the drain will do."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import Device, Location, QueueItem, QueueSource, TacModel
from inventory.services.moving import remove_device
from jobs.runner import run_job
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import NOW, A, B, add, imei_of, process
from tests.inventory.imports import EXAMPLE, D, phones_of, read, verdicts, warnings_of

pytestmark = pytest.mark.django_db


class TestDryRun:
    def test_finds_in_the_worked_example_what_the_contract_says(self, organization):
        add(organization, {"imei": B})
        process(organization)

        row = read(organization, EXAMPLE.encode())

        assert (row.status, row.progress) == ("ready", 100)
        assert row.counts == {
            "rows": 7, "new": 2, "update": 1, "duplicate": 2, "invalid": 2,
            "errors": {"imei_length": 1, "imei_scientific": 1},
            "warnings": {"check_digit_added": 1},
        }  # fmt: skip
        assert verdicts(row) == [
            (2, "new", None),
            (3, "update", None),
            (4, "duplicate", None),
            (5, "invalid", "imei_length"),
            (6, "invalid", "imei_scientific"),
            (7, "duplicate", None),
            (8, "new", None),
        ]
        assert not QueueItem.objects.filter(source="file-import").exists()

    def test_finds_the_same_whatever_the_slices(self, organization, slices_of_two):
        add(organization, {"imei": B})
        process(organization)

        row = read(organization, EXAMPLE.encode())

        assert [row.counts[name] for name in ("new", "update", "duplicate", "invalid")] == [
            2, 1, 2, 2,
        ]  # fmt: skip

    def test_does_not_count_a_repeat_of_what_is_refused_itself(self, organization, slices_of_two):
        text = f"imei,color\n{A},{'x' * 101}\n12,\n{A},red\n{A},red\n"

        row = read(organization, text.encode())

        assert [verdict for _, verdict, _ in verdicts(row)] == [
            "invalid", "invalid", "new", "duplicate",
        ]  # fmt: skip

    def test_knows_nothing_of_other_stocks_and_files(self, organization):
        other = OrganizationFactory()
        add(other, {"imei": A})
        process(other)
        read(organization, f"imei\n{A}\n".encode())

        assert read(organization, f"imei\n{A}\n{B}\n".encode()).counts["new"] == 2

    def test_costs_the_same_statements_for_few_and_for_many_rows(self, organization):
        def count(rows):
            content = "imei,location\n" + "".join(f"{imei_of(n)},L{n}\n" for n in range(rows))
            row = read(organization, content.encode(), run=False)
            with CaptureQueriesContext(connection) as captured:
                assert run_job(row).counts["new"] == rows
            return len(captured)

        assert count(5) == count(50)

    def test_judges_by_the_policy_schema_and_models_that_the_drain_knows(self, organization):
        schema = {"required": ["grade"]}
        QueueSource.objects.create(
            organization=organization, name="dock", validation="strict", json_schema=schema
        )
        TacModel.objects.create(organization=organization, tac=A[:8], model="Galaxy", brand="S")
        text = f"imei,model,grade\n{A},iPhone 13,A\n{A[:-1]}0,,A\n{B},,\n"

        row = read(organization, text.encode(), source="dock")

        assert [code for _, _, code in verdicts(row)] == [
            None, "imei_check_digit", "schema_mismatch",
        ]  # fmt: skip
        assert warnings_of(row)[0] == ["model_differs_from_tac"]
        lax = read(organization, text.encode(), source="dock", validation="warn")
        assert verdicts(lax)[1][1:] == ("new", None)

    def test_tells_of_devices_that_come_back_or_are_known_by_another_imei(self, organization):
        add(organization, {"imei": A}, {"imei": B, "imei2": D})
        process(organization)
        remove_device(organization_id=organization.pk, actor=None, imei=A, reason="sold", now=NOW)

        row = read(organization, f"{A}\n{D}")

        assert [verdict for _, verdict, _ in verdicts(row)] == ["update", "new"]
        assert warnings_of(row) == [["device_returned"], ["imei_is_second_of"]]
        assert Device.objects.get(imei=A).status == "removed"

    def test_refuses_places_that_the_drain_would_refuse(self, organization, settings):
        text = f"imei,location,warehouse\n{A},L1,Nowhere\n{B},L2,\n".encode()
        assert [code for *_, code in verdicts(read(organization, text))] == [
            "unknown_warehouse", None,
        ]  # fmt: skip

        settings.QUEUE_AUTO_CREATE_LOCATIONS = False
        assert [code for *_, code in verdicts(read(organization, text))] == [
            "unknown_warehouse", "unknown_location",
        ]  # fmt: skip
        assert not Location.objects.filter(organization=organization).exists()


class TestPlace:
    def test_is_for_rows_that_name_none(self, organization):
        text = f"imei,Bin,Assumed\n{A},L1,\n{B},N/A,\n{D},L3,location color\n"

        row = read(organization, text.encode(), location="  Shelf  9 ")

        first, second, third = phones_of(row)
        assert first == {"imei": A, "Bin": "L1"}
        assert second == {"imei": B, "Bin": "N/A", "location": "Shelf 9"}
        assert third == {"imei": D, "Bin": "L3", "Assumed": "color", "location": "Shelf 9"}
