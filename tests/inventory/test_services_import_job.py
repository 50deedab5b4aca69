"""The job of an import: killed, repeated, told something else."""

import pytest

from inventory.models import QueueImport
from inventory.selectors.imports import list_rows
from inventory.services import import_job
from inventory.services.importing import set_mapping
from jobs.runner import run_job
from tests.inventory.factories import NOW, A, B, add, process
from tests.inventory.imports import EXAMPLE, phones_of, read, verdicts

pytestmark = pytest.mark.django_db


class TestRunImport:
    """Killed, repeated, gone: the same rows in the end, and never some of a slice."""

    def test_repeats_a_slice_that_was_killed_and_leaves_nothing_of_it(
        self, organization, slices_of_two, monkeypatch
    ):
        written = import_job._write

        def killed(row, *, judged, **where):
            written(row, judged=judged, **where)
            if judged[0].line_no > 2:
                raise ConnectionError

        monkeypatch.setattr(import_job, "_write", killed)
        row = read(organization, EXAMPLE.encode())
        monkeypatch.undo()

        assert row.status == "uploaded"
        assert [verdict for _, verdict, _ in verdicts(row)] == ["new", "new"]
        assert row.cursor["after"] == 3
        QueueImport.objects.update(run_after=NOW)
        assert run_job(row).counts["rows"] == 7

    def test_goes_on_in_another_call_when_its_time_is_spent(self, organization, slices_of_two):
        add(organization, {"imei": B})
        process(organization)
        row = read(organization, EXAMPLE.encode(), run=False)

        runs = 0
        while row.status != "ready":
            row = run_job(row, budget_seconds=0)
            runs += 1

        assert runs >= 4
        assert [verdict for _, verdict, _ in verdicts(row)] == [
            "new", "update", "duplicate", "invalid", "invalid", "duplicate", "new",
        ]  # fmt: skip

    def test_has_one_effect_when_it_is_delivered_twice(self, organization):
        row = read(organization, EXAMPLE.encode())

        assert run_job(row) is None
        assert row.rows.count() == 7

    def test_judges_anew_after_another_mapping(self, organization):
        row = read(organization, f"imei,Paint\n{A},{'x' * 101}\n{B},red\n".encode())
        set_mapping(queue_import=row, actor=None, mapping={"Paint": "color"})
        assert (row.status, row.counts) == ("uploaded", {})

        row = run_job(row)

        assert row.counts["errors"] == {"text_too_long": 1}
        assert phones_of(row) == [{"imei": B, "color": "red"}]
        set_mapping(queue_import=row, actor=None, mapping={"Paint": "ignore"})
        row = run_job(row)
        assert (row.counts["new"], phones_of(row)[1]) == (2, {"imei": B})

    def test_fails_in_words_when_the_file_is_gone(self, organization):
        row = read(organization, EXAMPLE.encode(), run=False)
        row.file.storage.delete(row.file.name)

        row = run_job(row)

        assert (row.status, row.error_code) == ("failed", "file_missing")

    def test_costs_an_item_that_we_cannot_read_only_itself(self, organization, monkeypatch):
        def crash(data, **_):
            raise RuntimeError

        monkeypatch.setattr("inventory.services.judging.read_item", crash)

        row = read(organization, f"imei\n{A}\n".encode())

        assert verdicts(row) == [(2, "invalid", "internal_error")]
        assert list_rows(row)[0].error_message.startswith("Unexpected error (ref ")
