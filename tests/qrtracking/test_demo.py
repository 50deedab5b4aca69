"""The orders of the demo, each in its stage."""

from pathlib import Path
from unittest import mock

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.demo import Demo
from accounts.demo import load as load_people
from accounts.models import Organization
from jobs.runner import run_due_jobs
from qrtracking import demo as module
from qrtracking.models import (
    Batch,
    LabelSheet,
    MasterCode,
    Order,
    PackingPlan,
    PreparedCode,
    ReverseJob,
    ScanEvent,
    UnitCode,
)
from qrtracking.services.verifying import list_differences

pytestmark = pytest.mark.django_db

STATUSES = {"A": "printing", "B": "in_production", "D": "completed"}


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def only(monkeypatch):
    """Keep only these orders of the demo, so that a test loads what it looks at."""

    def keep(*letters: str) -> None:
        wanted = {
            maker: {letter: plan for letter, plan in plans.items() if letter in letters}
            for maker, plans in module.MAKERS.items()
        }
        monkeypatch.setattr(module, "MAKERS", wanted)

    return keep


def load(scale: str = "small") -> dict:
    demo = Demo(scale=scale, now=timezone.now())
    load_people(demo)
    return module.load(demo)["qrtracking"]["orders"]


def get_batch(facts: dict) -> Batch:
    return Batch.objects.get(pk=facts["batch_id"])


class TestLoad:
    def test_takes_the_big_order_through_all_that_happens_to_jobs(self, only):
        only("C")

        order = load()["C"]

        batch = get_batch(order)
        assert (batch.planned_unique_codes, batch.total_master_codes) == (12_000, 120)
        assert batch.spare_count == 1_200
        assert [job["status"] for job in order["jobs"]] == ["failed", "cancelled", "completed"]
        done = ReverseJob.objects.get(batch=batch, status="completed")
        assert done.result_summary["excluded_count"] == 50
        assert done.result_summary["excluded_matched"] == 50
        assert done.result_summary["prepared"] == 11_950
        assert MasterCode.objects.filter(batch=batch, status="packed").count() == 3
        assert PreparedCode.objects.live().filter(batch=batch).count() == 11_650
        assert list_differences(batch_id=batch.pk) == []
        failed = ReverseJob.objects.get(batch=batch, status="failed")
        assert failed.error_code == "batch_not_ready"

    def test_packs_two_cases_and_a_part_of_a_mixed_one(self, only):
        only("B")

        order = load()["B"]

        cases = MasterCode.objects.filter(batch=order["batch_id"]).order_by("case_number")
        assert list(cases.values_list("actual_unit_count", flat=True)) == [100, 100, 40, 0]
        assert list(cases.values_list("status", flat=True)) == [
            "packed",
            "packed",
            "generated",
            "generated",
        ]
        assert get_batch(order).status == "in_production"
        assert list_differences(batch_id=order["batch_id"]) == []

    def test_has_an_undo_in_the_history(self, only):
        only("B")

        order = load()["B"]

        events = ScanEvent.objects.filter(batch=order["batch_id"]).order_by("id")
        assert list(events.values_list("kind", "unit_count")) == [
            ("link_queue", 100),
            ("link_queue", 100),
            ("link_queue", 100),
            ("undo", 100),
            ("link_queue", 40),
        ]
        assert events[2].undone_by_event_id == events[3].pk

    def test_locks_an_order_by_a_case_at_the_warehouse(self, only):
        only("D")

        order = load()["D"]

        units = UnitCode.objects.filter(batch=order["batch_id"], is_buffer=False)
        received = units.filter(status="received_warehouse", master_code__case_number=1)
        assert received.count() == 100
        assert units.filter(status="ready_to_ship").count() == 200
        warehouse = Organization.objects.get(slug="quayside-warehouse")
        assert set(received.values_list("current_location_org", flat=True)) == {warehouse.pk}

        assert get_batch(order).status == "completed"
        assert Order.objects.locked().filter(pk=order["order_id"]).exists()
        kinds = ScanEvent.objects.filter(batch=order["batch_id"]).order_by("id")
        assert list(kinds.values_list("kind", flat=True))[-2:] == ["complete", "receive"]
        assert list_differences(batch_id=order["batch_id"]) == []

    def test_leaves_an_approved_order_without_a_batch(self, only):
        only("E")

        order = load()["E"]

        assert order["batch_id"] is None
        assert order["master_codes"] == []
        assert Order.objects.get(pk=order["order_id"]).status == "approved"

    def test_prints_labels_and_checks_a_plan(self, only):
        only("A")

        order = load()["A"]

        batch = get_batch(order)
        assert batch.status == "printing"
        assert [(sheet["kind"], sheet["status"]) for sheet in order["label_sheets"]] == [
            ("case", "completed"),
            ("unit", "completed"),
            # For the workers.
            ("unit", "queued"),
            ("spare", "queued"),
        ]
        assert batch.units.filter(status="printed").count() == 65
        assert set(batch.cases.values_list("status", flat=True)) == {"printed"}
        (plan,) = PackingPlan.objects.filter(batch=batch)
        assert (plan.status, plan.phase) == ("completed", "check")
        assert (plan.ready_count, plan.refused_count, plan.packed_count) == (199, 1, 0)

    def test_leaves_the_other_labels_to_workers(self, only):
        only("A")
        batch = get_batch(load()["A"])

        run_due_jobs()

        sheets = LabelSheet.objects.filter(batch=batch)
        assert set(sheets.values_list("status", flat=True)) == {"completed"}
        assert not batch.units.filter(status="generated").exists()

    def test_names_the_first_cases(self, only):
        only("A")

        order = load()["A"]

        codes = get_batch(order).cases.order_by("case_number").values_list("master_code", flat=True)
        assert order["master_codes"] == list(codes[:5])

    def test_gives_the_second_manufacturer_an_order_of_its_own(self, only):
        only("S")

        order = load()["S"]

        assert get_batch(order).organization.slug == "silverpine-herbs"

    def test_run_again_adds_nothing(self, only):
        only("A", "B", "D", "E")
        models = (Order, Batch, ReverseJob, PreparedCode, ScanEvent, LabelSheet, PackingPlan)
        first = load()
        rows = [model.objects.count() for model in models]

        again = load()

        assert again == first
        assert rows == [model.objects.count() for model in models]

    @pytest.mark.parametrize(
        ("letter", "step", "packed"),
        [
            ("A", "open_label_file", 0),
            ("A", "submit_plan_text", 0),
            ("B", "undo_last", 2),
            ("B", "link_from_queue", 2),
            ("D", "complete_production", 3),
            ("D", "receive_cases", 3),
        ],
    )
    def test_goes_on_where_it_was_interrupted(self, only, monkeypatch, letter, step, packed):
        only(letter)
        with monkeypatch.context() as broken:
            broken.setattr(module, step, mock.Mock(side_effect=KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                load()

        order = load()[letter]

        cases = MasterCode.objects.filter(batch=order["batch_id"])
        full = cases.filter(actual_unit_count=F("expected_unit_count"))
        assert full.count() == packed
        assert list_differences(batch_id=order["batch_id"]) == []
        assert order["batch_status"] == STATUSES[letter]

    def test_leaves_the_million_to_the_large_scale(self, monkeypatch):
        small = module.Plan({"MINT": 200}, spare_percent=0, is_large=True)
        monkeypatch.setattr(module, "MAKERS", {module.HARBOR: {"L": small}})

        assert load() == {}
        assert get_batch(load("large")["L"]).total_unique_codes == 200
