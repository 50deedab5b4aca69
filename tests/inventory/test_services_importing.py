from datetime import timedelta
from functools import partial

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import OperationalError

from inventory.errors import (
    AnswerInvalid,
    ImportFileEmpty,
    ImportNotReady,
    ImportRepeated,
    LocationInvalid,
    MappingInvalid,
    NothingToQueue,
    PriorityInvalid,
    ScheduledAtInvalid,
)
from inventory.models import Device, QueueDrain, QueueImport, QueueItem
from inventory.selectors.imports import get_preview
from inventory.services import importing
from inventory.services.control import stop_queue
from inventory.services.importing import (
    answer_question,
    cancel_import,
    create_import,
    queue_import,
    set_mapping,
)
from inventory.services.retention import clean_up
from inventory.services.undoing import undo_batch
from jobs import leases
from jobs.models import JobEvent
from jobs.runner import run_job
from tables.errors import TableTooLarge, TableUnreadable
from tables.streaming import Sheet, stream_xlsx
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import NOW, A, B, add, process
from tests.inventory.imports import EXAMPLE, read
from tests.jobs.parallel import run_together

pytestmark = pytest.mark.django_db

LIST = f"{A}\n{B}\n"


def queue(row, **options):
    return queue_import(queue_import=row, actor=None, now=NOW, **options)


def answer(row, **options):
    return answer_question(queue_import=row, actor=None, **options)


class TestCreateImport:
    def test_keeps_the_file_and_how_its_phones_are_to_be_treated(self, organization):
        at = NOW + timedelta(days=1)

        row = create_import(
            organization_id=organization.pk,
            actor=None,
            file=ContentFile(b"imei\n1\n"),
            file_name="a\x00\u202eb.csv",
            location=" L  1 ",
            priority=2,
            validation="strict",
            source="dock",
            scheduled_at=at,
            now=NOW,
        )

        assert row.options == {
            "location": "L 1",
            "priority": 2,
            "validation": "strict",
            "source": "dock",
            "scheduled_at": at.isoformat(),
            "confirmed": False,
        }
        assert (row.status, row.file_name, row.file_size) == ("uploaded", "ab.csv", 7)
        assert row.file.read() == b"imei\n1\n"

    def test_leaves_no_file_behind_when_it_fails(self, organization, monkeypatch):
        kept = []

        def fail(row):
            kept.append(row.file.name)
            assert default_storage.exists(row.file.name)
            raise OperationalError

        monkeypatch.setattr(importing, "submit_job", fail)

        with pytest.raises(OperationalError):
            read(organization, EXAMPLE.encode())

        assert [default_storage.exists(name) for name in kept] == [False]

    def test_refuses_before_anything_is_kept(self, organization, settings):
        settings.QUEUE_MAX_FILE_MB = 1
        big = b"imei\n" + b"1" * 1024 * 1024
        for content, error in (
            (b"", ImportFileEmpty),
            (" \n", ImportFileEmpty),
            (big, TableTooLarge),
            (b"\x89PNG\r\n\x1a\n\x00\x00", TableUnreadable),
            (b"%PDF-1.7", TableUnreadable),
        ):
            with pytest.raises(error):
                read(organization, content)
        for options, error in (
            ({"location": "x" * 101}, LocationInvalid),
            ({"location": 7}, LocationInvalid),
            ({"location": "a\x00"}, LocationInvalid),
            ({"priority": 11}, PriorityInvalid),
            ({"scheduled_at": NOW + timedelta(days=400)}, ScheduledAtInvalid),
        ):
            with pytest.raises(error):
                read(organization, LIST, **options)

        assert not QueueImport.objects.exists()

    def test_asks_about_a_file_that_was_queued_within_thirty_days(self, organization):
        row = read(organization, LIST)
        read(organization, LIST)
        queue(row)
        row.refresh_from_db()

        with pytest.raises(ImportRepeated) as refusal:
            read(organization, LIST)

        day = f"{row.updated_at:%Y-%m-%d}"
        assert str(refusal.value) == (
            f"This file was imported on {day} as {row.batch_id}. Import again?"
        )
        assert refusal.value.extra["batchId"] == row.batch_id
        assert read(organization, LIST, confirmed=True).status == "ready"
        assert read(organization, LIST + "\n\n1").status == "ready"
        assert read(OrganizationFactory(), LIST).status == "ready"
        late = row.updated_at + timedelta(days=30, seconds=1)
        assert read(organization, LIST, now=late).status == "ready"


class TestAnswerQuestion:
    def test_names_the_sheet(self, organization):
        sheets = [Sheet("Mon", ["IMEI"], [[A]]), Sheet("Tue", ["IMEI"], [[B], ["1"]])]
        row = read(organization, b"".join(stream_xlsx(sheets)))
        for wrong in ({"sheet": "Wed"}, {}, {"header_line": 999}, {"imei_column": -1}):
            with pytest.raises(AnswerInvalid):
                answer(row, **wrong)

        row = run_job(answer(row, sheet="Tue"))

        assert row.counts["rows"] == 2
        assert get_preview(row).question is None

    def test_names_the_header_or_the_column(self, organization):
        row = read(organization, f"Paint,Phone\nred,{A}\nblue,none\n".encode())
        assert get_preview(row).can_queue is False

        row = run_job(answer(row, header_line=1, imei_column=1))
        assert (row.counts["new"], row.mapping) == (1, {"Paint": "", "Phone": "imei"})

        row = run_job(answer(row, imei_column=1))
        assert row.counts["rows"] == 3
        assert row.mapping == {"Column 1": "", "Column 2": "imei"}


class TestSetMapping:
    def test_refuses_what_names_no_column_or_field(self, organization):
        row = read(organization, EXAMPLE.encode())

        for mapping in ({"Ink": "color"}, {"Paint": "ink"}, {"imei": ""}, {"Paint": ["color"]}):
            with pytest.raises(MappingInvalid):
                set_mapping(queue_import=row, actor=None, mapping=mapping)
        row.refresh_from_db()
        assert row.status == "ready"

    def test_does_not_wait_for_what_is_still_read(self, organization):
        row = read(organization, EXAMPLE.encode(), run=False)

        with pytest.raises(ImportNotReady):
            set_mapping(queue_import=row, actor=None, mapping={})

    def test_happens_once_when_two_people_press(self, organization):
        row = read(organization, EXAMPLE.encode())
        twin = QueueImport.objects.get(pk=row.pk)
        set_mapping(queue_import=row, actor=None, mapping={"Paint": "color"})

        with pytest.raises(ImportNotReady):
            set_mapping(queue_import=twin, actor=None, mapping={"Paint": "notes"})


class TestQueueImport:
    def test_makes_an_undoable_batch_of_the_good_rows_in_their_order(self, organization):
        add(organization, {"imei": B})
        process(organization)
        row = read(organization, EXAMPLE.encode(), priority=3, validation="strict")

        added = queue(row)

        batch = added.batch
        assert (added.added, batch.total_items, batch.undoable) == (5, 5, True)
        assert (batch.source, batch.import_id) == ("file-import", row.pk)
        items = list(QueueItem.objects.filter(batch_id=batch.batch_id).order_by("id"))
        assert [item.line_no for item in items] == [2, 3, 4, 7, 8]
        assert items[0].raw_data == {"imei": A, "Model": "iPhone 13", "Paint": "red"}
        assert [item.imei_norm for item in items[:4]] == [A, B, A, B]
        assert {(item.priority, item.validation, item.max_retries) for item in items} == {
            (3, "strict", 3)
        }
        row.refresh_from_db()
        assert (row.status, row.batch_id) == ("queued", batch.batch_id)
        assert QueueDrain.objects.filter(organization=organization, status="queued").exists()
        process(organization)
        batch.refresh_from_db()
        assert (batch.status, batch.processed_items, batch.failed_items) == ("completed", 5, 0)
        undo_batch(organization_id=organization.pk, actor=None, batch_id=batch.batch_id, now=NOW)
        assert list(Device.objects.values_list("imei", flat=True)) == [B]

    def test_happens_once(self, organization):
        row = read(organization, LIST)
        twin = QueueImport.objects.get(pk=row.pk)
        queue(row)

        for again in (row, twin):
            with pytest.raises(ImportNotReady):
                queue(again)
        assert QueueItem.objects.count() == 2

    def test_waits_for_its_time(self, organization):
        at = NOW + timedelta(hours=3)
        row = read(organization, LIST, scheduled_at=at)

        added = queue(row)

        assert added.starts_at == at
        assert set(QueueItem.objects.values_list("run_after", flat=True)) == {at}
        late = queue_import(
            queue_import=read(organization, f"{A}\n", scheduled_at=at), actor=None, now=at
        )
        assert [warning.code for warning in late.warnings] == ["schedule_in_past"]

    def test_does_not_start_a_stopped_queue(self, organization):
        stop_queue(organization_id=organization.pk, actor=None)

        assert queue(read(organization, LIST)).is_stopped
        assert not QueueDrain.objects.exists()

    def test_refuses_a_file_of_which_nothing_is_good(self, organization):
        with pytest.raises(NothingToQueue):
            queue(read(organization, "12\n13\n"))

    def test_asks_when_the_same_file_was_queued_meanwhile(self, organization):
        first, second = read(organization, LIST), read(organization, LIST)
        queue(first)

        with pytest.raises(ImportRepeated):
            queue(second)
        assert queue(second, confirmed=True).added == 2
        assert queue(read(organization, LIST, confirmed=True)).added == 2

    def test_leaves_nothing_half_done(self, organization, monkeypatch):
        row = read(organization, LIST)
        monkeypatch.setattr("inventory.services.importing.write_log", None)

        with pytest.raises(TypeError):
            queue(row)

        row.refresh_from_db()
        assert (row.status, QueueItem.objects.count()) == ("ready", 0)


@pytest.mark.django_db(transaction=True)
class TestQueueImportByTwo:
    @pytest.mark.parametrize("is_same", [True, False])
    def test_queues_a_file_once(self, organization, is_same):
        first = read(organization, LIST)
        second = first if is_same else read(organization, LIST)

        def press(row):
            try:
                return queue(QueueImport.objects.get(pk=row.pk)).added
            except (ImportNotReady, ImportRepeated) as refusal:
                return type(refusal)

        answers = run_together([partial(press, first), partial(press, second)])

        refusal = ImportNotReady if is_same else ImportRepeated
        assert sorted(answers, key=str) == sorted([2, refusal], key=str)
        assert QueueItem.objects.count() == 2


class TestCancelImport:
    def test_gives_up_what_is_not_queued(self, organization):
        waiting = read(organization, LIST, run=False)
        ready = read(organization, LIST)

        for row in (waiting, ready):
            cancel_import(queue_import=row, actor=None, reason="wrong file")
            assert row.status == "cancelled"
            told = JobEvent.objects.filter(job_id=row.pk, message__contains="wrong file")
            assert told.exists()
            with pytest.raises(ImportNotReady):
                queue(row)

    def test_asks_a_worker_to_stop(self, organization):
        row = read(organization, LIST, run=False)
        leases.claim(QueueImport, row.pk)
        row.refresh_from_db()

        cancel_import(queue_import=row, actor=None)

        assert (row.status, row.cancel_requested_at is None) == ("reading", False)

    def test_refuses_what_has_ended(self, organization):
        row = read(organization, LIST)
        queue(row)

        for ended in (row, read(organization, b"imei\n")):
            with pytest.raises(ImportNotReady):
                cancel_import(queue_import=ended, actor=None)


class TestRetention:
    def test_takes_file_and_rows_away_after_a_month(self, organization):
        old, fresh = read(organization, LIST), read(organization, f"{A}\n")
        long_ago = NOW - timedelta(days=400)
        QueueImport.objects.filter(pk=old.pk).update(updated_at=long_ago)

        assert clean_up()["imports"] == 1

        assert list(QueueImport.objects.all()) == [fresh]
        assert not old.file.storage.exists(old.file.name)
        assert not old.rows.exists()
