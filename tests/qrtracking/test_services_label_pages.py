"""From a wish for labels to a file of which every page was read back."""

from itertools import chain

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from jobs.logs import list_log
from jobs.runner import run_job
from jobs.services import cancel_job, retry_job
from qrtracking.models import Batch, LabelPage, MasterCode, UnitCode
from qrtracking.services import label_pages
from tests.jobs.parallel import in_thread
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.labels import (
    content_of,
    finished,
    make_sheet,
    read_pdf,
    read_words,
    work_off,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    return make_generated_batch(units=150, per_case=50, order_no="ORD-HM-1125-02")


def addresses(batch: Batch, first: int, last: int) -> list[str]:
    units = batch.units.filter(sequence_number__range=(first, last))
    return sorted(
        f"http://testserver/track/product/{code}" for code in units.values_list("code", flat=True)
    )


def statuses(rows) -> list[str]:
    return sorted(set(rows.values_list("status", flat=True)))


class Drawing:
    """Stands in for the drawing of pages: draws the wrong labels whenever its number is due."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.draw = label_pages.draw_page
        self.calls = 0
        self.damaged: set[int] = set()
        monkeypatch.setattr(label_pages, "draw_page", self)

    def __call__(self, labels, layout):
        self.calls += 1
        wrong = [labels[0]] * len(labels) if self.calls in self.damaged else labels
        return self.draw(wrong, layout)


@pytest.fixture
def drawing(monkeypatch) -> Drawing:
    return Drawing(monkeypatch)


class TestUnits:
    def test_have_their_codes_each_once_and_in_order(self, batch):
        sheet = finished(batch, from_number=3, to_number=140)

        assert (sheet.status, sheet.progress) == ("completed", 100)
        assert (sheet.label_count, sheet.page_count, sheet.verified_count) == (138, 3, 3)
        pages = read_pdf(content_of(sheet))
        assert pages[0] == addresses(batch, 3, 67)
        assert pages[2] == addresses(batch, 133, 140)
        assert sorted(chain(*pages)) == addresses(batch, 3, 140)

    def test_say_order_sequence_variant_and_case(self, batch):
        sheet = finished(batch, from_number=51, to_number=51)

        assert read_words(content_of(sheet)) == "ORD-HM-1125-02 #51 MINT Case 2"

    def test_of_every_layout_can_be_read(self, batch):
        for layout, pages in (("a4_24", 2), ("a4_8", 4), ("one_up", 30)):
            sheet = finished(batch, to_number=30, layout=layout)

            found = read_pdf(content_of(sheet))
            assert len(found) == sheet.page_count == pages
            assert sorted(chain(*found)) == addresses(batch, 1, 30)

    def test_in_range_that_were_only_generated_are_printed_now(self, batch):
        UnitCode.objects.filter(batch=batch, sequence_number=2).update(status="spoiled")
        UnitCode.objects.filter(batch=batch, sequence_number=3).update(status="available")

        finished(batch, to_number=10)

        units = batch.units.order_by("sequence_number")
        assert list(units.values_list("status", flat=True)[:4]) == [
            "printed",
            "spoiled",
            "available",
            "printed",
        ]
        assert statuses(batch.units.filter(sequence_number__range=(4, 10))) == ["printed"]
        assert statuses(batch.units.filter(sequence_number__range=(11, 150))) == ["generated"]
        assert statuses(MasterCode.objects.filter(batch=batch)) == ["generated"]
        assert batch.status == "generated"


class TestSpares:
    def test_count_within_their_variant_and_stay_spares(self):
        batch = make_generated_batch(variants={"JAS": 30, "MINT": 30}, order_no="ORD-1")

        sheet = finished(batch, kind="spare", from_number=3, to_number=4)

        assert read_words(content_of(sheet)) == "ORD-1 #63 BJAS-0003 ORD-1 #64 BMINT-0001"
        assert read_pdf(content_of(sheet)) == [addresses(batch, 63, 64)]
        assert statuses(batch.units.spares()) == ["buffer_available"]


class TestCases:
    def test_say_what_is_planned_for_them(self):
        batch = make_generated_batch(
            variants={"JAS": 25, "MINT": 10}, per_case=10, order_no="ORD-1"
        )
        MasterCode.objects.filter(batch=batch, case_number=3).update(sscc="306141411234567897")

        sheet = finished(batch, kind="case", from_number=2, to_number=3)

        words = read_words(content_of(sheet))
        assert words.startswith("ORD-1 CASE 2 10 x JAS ORD-1 CASE 3 5 x JAS 5 x MINT SSCC ")
        assert words.endswith("306141411234567897")

    def test_get_their_extra_stickers_beside_each_other(self, batch):
        sheet = finished(batch, kind="case", to_number=2, copies=3)

        codes = batch.cases.filter(case_number__lte=2).values_list("master_code", flat=True)
        links = [f"http://testserver/track/master/{code}" for code in codes for _ in range(3)]
        assert read_pdf(content_of(sheet)) == [sorted(links)]
        assert read_words(content_of(sheet)).count("CASE 1") == 3

    def test_in_range_are_printed_now(self, batch):
        MasterCode.objects.filter(batch=batch, case_number=1).update(
            status="packed", actual_unit_count=50
        )

        finished(batch, kind="case", to_number=2)

        cases = batch.cases.order_by("case_number").values_list("status", flat=True)
        assert list(cases) == ["packed", "printed", "generated"]
        assert statuses(batch.units.filter(is_buffer=False)) == ["generated"]


class TestZpl:
    def test_has_a_format_for_each_label(self, batch):
        sheet = finished(batch, layout="zpl", to_number=120)

        text = content_of(sheet).decode()
        assert text.count("^XA") == text.count("^XZ") == 120
        for code in batch.units.filter(sequence_number__lte=120).values_list("code", flat=True):
            assert text.count(code) == 1
        assert sheet.page_count == sheet.verified_count == 2
        assert statuses(batch.units.filter(sequence_number__lte=120)) == ["printed"]


class TestDamagedPage:
    def test_is_drawn_once_more(self, batch, drawing):
        drawing.damaged = {2}

        sheet = finished(batch, to_number=150)

        assert (sheet.status, sheet.page_count, drawing.calls) == ("completed", 3, 4)
        assert sorted(chain(*read_pdf(content_of(sheet)))) == addresses(batch, 1, 150)

    def test_fails_the_job_the_second_time(self, batch, drawing):
        drawing.damaged = {2, 3}

        sheet = finished(batch, to_number=150)

        assert (sheet.status, sheet.error_code) == ("failed", "label_verification_failed")
        assert sheet.error_message == (
            "Page 2 could not be read back. No label of this sheet was released."
        )
        assert not sheet.file
        assert statuses(batch.units.filter(is_buffer=False)) == ["generated"]

    @pytest.mark.parametrize("fault", ["another text", "too few", "a swap"])
    def test_is_every_page_that_does_not_hold_its_labels(self, batch, monkeypatch, fault):
        draw = label_pages.draw_page

        def damage(labels, layout):
            first, second, *rest = labels
            wrong = {
                "another text": [first, first, *rest],
                "too few": labels[:-1],
                "a swap": [second, first, *rest],
            }
            return draw(wrong[fault], layout)

        monkeypatch.setattr(label_pages, "draw_page", damage)

        assert finished(batch).error_code == "label_verification_failed"


class TestRetry:
    def test_goes_on_at_the_page_that_was_reached(self, batch, drawing):
        # Eleven pages: one slice is committed before the damaged one.
        drawing.damaged = {11, 12}
        sheet = finished(batch, to_number=88, layout="a4_8")
        assert (sheet.status, sheet.page_count, sheet.verified_count) == ("failed", 11, 10)
        assert LabelPage.objects.filter(sheet=sheet).count() == 10

        retry_job(sheet, actor=None)
        sheet = work_off(sheet)

        assert (sheet.status, sheet.verified_count, drawing.calls) == ("completed", 11, 13)
        assert sorted(chain(*read_pdf(content_of(sheet)))) == addresses(batch, 1, 88)
        assert not LabelPage.objects.filter(sheet=sheet).exists()

    def test_after_a_crash_before_the_files_commit_replaces_the_file(self, batch):
        sheet = make_sheet(batch)
        default_storage.save(f"qr-label-sheets/{sheet.pk}.pdf", ContentFile(b"half"))

        sheet = work_off(sheet)

        assert sheet.file.name == f"qr-label-sheets/{sheet.pk}.pdf"
        assert read_pdf(content_of(sheet)) == [addresses(batch, 1, 5)]

    def test_of_a_finished_sheet_delivered_twice_does_nothing(self, batch, drawing):
        sheet = finished(batch)

        assert run_job(sheet) is None
        assert drawing.calls == 1


class TestCancel:
    def test_between_two_slices_leaves_nothing_behind(self, batch, monkeypatch):
        sheet = make_sheet(batch, to_number=88, layout="a4_8")
        make_page = label_pages._make_page

        def cancel_at_the_last_page(sheet, number, labels):
            if number == 11:
                cancel_job(sheet, actor=None)
            return make_page(sheet, number, labels)

        monkeypatch.setattr(label_pages, "_make_page", cancel_at_the_last_page)

        sheet = work_off(sheet)

        assert (sheet.status, sheet.verified_count) == ("cancelled", 10)
        assert not sheet.file
        assert not LabelPage.objects.filter(sheet=sheet).exists()
        assert statuses(batch.units.filter(is_buffer=False)) == ["generated"]

    def test_after_the_file_was_made_deletes_it(
        self, batch, monkeypatch, django_capture_on_commit_callbacks
    ):
        sheet = make_sheet(batch)
        mark = label_pages._mark_range

        def cancel_and_mark(job, **numbers):
            cancel_job(job, actor=None)
            mark(job, **numbers)

        monkeypatch.setattr(label_pages, "_mark_range", cancel_and_mark)

        with django_capture_on_commit_callbacks(execute=True):
            sheet = work_off(sheet)

        assert (sheet.status, bool(sheet.file), sheet.file_size) == ("cancelled", False, None)
        assert not default_storage.exists(f"qr-label-sheets/{sheet.pk}.pdf")

    def test_while_the_file_is_made_deletes_it(
        self, batch, monkeypatch, django_capture_on_commit_callbacks
    ):
        sheet = make_sheet(batch)
        join = label_pages._join

        def cancel_and_join(job, target):
            cancel_job(job, actor=None)
            join(job, target)

        monkeypatch.setattr(label_pages, "_join", cancel_and_join)

        with django_capture_on_commit_callbacks(execute=True):
            sheet = work_off(sheet)

        assert (sheet.status, bool(sheet.file)) == ("cancelled", False)
        assert not default_storage.exists(f"qr-label-sheets/{sheet.pk}.pdf")


class TestMissingCodes:
    def test_fail_the_job_with_their_number(self, batch):
        UnitCode.objects.filter(batch=batch, sequence_number=4).delete()

        sheet = finished(batch)

        assert (sheet.status, sheet.error_code) == ("failed", "label_codes_missing")
        assert sheet.error_message == "Only 4 of 5 codes of this part of the sheet exist."


@pytest.mark.django_db(transaction=True)
class TestPacking:
    def test_at_the_same_moment_neither_waits_nor_loses_a_status(self, batch):
        sheet = make_sheet(batch, to_number=10)

        def finish():
            # The unit is on its way into a case, in a transaction that has not ended.
            assert work_off(sheet).status == "completed"

        with transaction.atomic():
            batch.units.select_for_update().get(sequence_number=4)
            with in_thread(finish):
                pass

        left = batch.units.filter(sequence_number__lte=10, status="generated")
        assert list(left.values_list("sequence_number", flat=True)) == [4]


class TestCost:
    def test_of_a_slice_is_the_same_for_one_page_and_for_ten(self, batch):
        counts = []
        for last in (1, 80):
            sheet = make_sheet(batch, to_number=last, layout="a4_8")
            with CaptureQueriesContext(connection) as queries:
                work_off(sheet)
            counts.append(len(queries))

        assert counts[0] == counts[1]

    def test_the_log_tells_every_slice(self, batch):
        sheet = finished(batch, to_number=88, layout="a4_8")

        messages = [line.message for line in list_log(sheet)]
        assert messages[1:] == [
            "Drew and checked 10 of 11 pages",
            "Drew and checked 11 of 11 pages",
            "Job completed: 88 labels",
        ]
