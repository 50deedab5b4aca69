"""The admin of batches: the list, the live page, retries by cause, schedules, undo, error files."""

import csv
import io
from datetime import UTC, datetime
from zipfile import ZipFile

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.models import Device, QueueBatch, QueueItem
from inventory.services.adding import NewItem
from inventory.services.clearing import clear_completed
from inventory.services.control import stop_queue
from tests.accounts.factories import OrganizationFactory, UserFactory, make_member
from tests.inventory.factories import A, add, assert_counts_fit, imei_of, phones, process
from tests.inventory.staff import (
    RIGHTS,
    choose,
    list_of,
    of,
    page_of,
    staff_client,
    text_of,
    words_of,
)

pytestmark = pytest.mark.django_db

SIX = datetime(2126, 1, 6, 6, tzinfo=UTC)
SCHEDULED = {"scheduled_at": SIX, "now": datetime(2126, 1, 1, tzinfo=UTC)}
VERBS = {
    "retry": "retry_item",
    "retry_code": "retry_item",
    "cancel": "cancel_batch",
    "start": "change_queuebatch",
    "reschedule": "change_queuebatch",
    "undo": "undo_batch",
}
FORM = {"reason": "Wrong shelf", "at": "2126-01-07T06:00"}


@pytest.fixture
def organization():
    return OrganizationFactory(name="Harbor Phones")


@pytest.fixture
def batch(organization):
    """Line 2 completed, lines 3 and 4 failed, line 5 pending."""
    olive = make_member(organization=organization, username="olive")
    rows = [{"IMEI": imei_of(1)}, {"IMEI": "12"}, {"IMEI": "3.56E+14"}, {"IMEI": A}]
    lines = [NewItem(row, line_no=at) for at, row in enumerate(rows, start=2)]
    batch = add(
        organization,
        *lines,
        source="file-import",
        actor=olive,
        undoable=True,
        now=timezone.now(),
    )
    process(organization, limit=3)
    batch.refresh_from_db()
    return batch


@pytest.fixture
def staff(organization):
    return staff_client(organization, *RIGHTS)


@pytest.fixture
def viewer(organization):
    return staff_client(organization, username="vera")


def statuses():
    return list(QueueItem.objects.order_by("id").values_list("status", flat=True))


class TestList:
    def test_has_the_columns_of_the_contract(self, viewer, batch):
        page = viewer.get(list_of("queuebatch"))

        assert page.context["cl"].list_display[:8] == [
            *("name", "source", "who", "progress_bar", "counts", "state_badge", "started"),
            "duration",
        ]
        text = text_of(page)
        assert f"{batch.batch_id} file-import olive 75 % 1 / 2 / 4 active" in text
        assert page_of(batch, "error_file_xlsx") in page.text

    def test_filters(self, viewer, batch):
        for query, is_found in (
            ({"status": "active"}, True),
            ({"status": "failed"}, False),
            ({"source": "file-import"}, True),
            ({"source": "scan"}, False),
            ({"created": "1h"}, True),
        ):
            page = viewer.get(list_of("queuebatch", **query))
            assert (list(page.context["cl"].result_list) == [batch]) is is_found, query

    def test_tells_scheduled_and_undone_ones(self, organization, viewer):
        scheduled = add(organization, *phones(1, 2), **SCHEDULED)
        undone = add(organization, *phones(2, 3))
        QueueBatch.objects.filter(pk=undone.pk).update(undone_at=timezone.now())

        for status, expected in (("scheduled", scheduled), ("undone", undone)):
            page = viewer.get(list_of("queuebatch", status=status))
            assert list(page.context["cl"].result_list) == [expected]
            assert f">{status}</span>" in page.text

    def test_finds_a_batch_by_its_id(self, organization, viewer, batch):
        add(organization, *phones(8, 9))

        page = viewer.get(list_of("queuebatch", q=batch.batch_id))

        assert list(page.context["cl"].result_list) == [batch]

    def test_shows_those_of_all_organizations_to_people_who_see_all(self, client, batch):
        add(OrganizationFactory(name="Quay Phones"), *phones(1, 2))
        client.force_login(UserFactory(superuser=True))

        text = text_of(client.get(list_of("queuebatch")))

        assert "Harbor Phones" in text
        assert "Quay Phones" in text


class TestPage:
    def test_shows_counts_causes_and_whose_it_is(self, viewer, batch):
        page = viewer.get(page_of(batch))

        text = text_of(page)
        assert "75 % 4 items" in text
        assert "Pending 1 In hand 0 Completed 1 Failed 2" in text
        assert "By olive" in text
        assert "1 imei_length Digits are missing or too many" in text
        failed = QueueItem.objects.get(error_code="imei_length")
        assert f"For example item {failed.pk} : IMEI must have 15 digits, got 2" in text
        assert page_of(batch, "retry") not in page.text
        assert page_of(batch, "retry_code") not in page.text

    def test_is_live_while_it_is_active_and_the_last_answer_ends_it(
        self, organization, viewer, batch
    ):
        live = page_of(batch, "live")
        page = viewer.get(page_of(batch))
        assert f'hx-get="{live}"' in page.text
        assert "every 2s [!document.hidden]" in page.text
        assert viewer.get(live).status_code == 200

        process(organization)

        last = viewer.get(live)
        assert last.status_code == 286
        assert 'id="job-live"' in last.text
        assert "hx-get" not in last.text
        assert f'hx-get="{live}"' not in viewer.get(page_of(batch)).text

    def test_tells_pace_and_time_left_of_the_queue(self, organization, viewer, batch):
        text = text_of(viewer.get(page_of(batch, "live")))

        assert "Items a minute, whole queue 180" in text
        assert "Time left 0.3 s" in text

    def test_says_that_processing_is_stopped(self, organization, viewer, batch):
        stop_queue(organization_id=organization.pk, actor=None)

        assert "Processing is stopped" in viewer.get(page_of(batch)).text

    def test_tells_what_is_in_the_archive(self, organization, viewer, batch):
        clear_completed(organization_id=organization.pk)

        assert "In the archive 1" in text_of(viewer.get(page_of(batch)))

    def test_costs_the_same_for_many_items(self, organization, viewer, batch):
        live = page_of(batch, "live")
        viewer.get(live)
        with CaptureQueriesContext(connection) as few:
            viewer.get(live)
        add(organization, *({"imei": str(n)} for n in range(50)), batch_id=batch.batch_id)
        process(organization)

        with CaptureQueriesContext(connection) as many:
            viewer.get(live)

        # The pace is not asked for any more once the batch has ended.
        assert len(many) <= len(few) <= 16

    @pytest.mark.parametrize("page", ["change", "live", "error_file_csv"])
    def test_is_not_found_by_another_organization(self, batch, page):
        stranger = staff_client(OrganizationFactory(), *RIGHTS)

        assert stranger.get(page_of(batch, page)).status_code == 404


class TestVerbs:
    def test_retry_queues_the_failed_items_again(self, organization, staff, batch):
        assert "4 items, 2 failed" in staff.get(page_of(batch, "retry")).text

        answer = staff.post(page_of(batch, "retry"), FORM)

        assert words_of(answer) == [f"{batch.batch_id}: retried 2 failed items."]
        assert statuses() == ["completed", *["pending"] * 3]
        message = f"{batch.batch_id}: retried 2 failed items. Reason: Wrong shelf"
        assert LogEntry.objects.get().change_message == message
        assert_counts_fit(organization)

    def test_retry_these_takes_one_cause(self, organization, staff, batch):
        url = f"{page_of(batch, 'retry_code')}?code=imei_length"
        assert url in staff.get(page_of(batch)).text
        assert "Retry 1 item with imei_length: are you sure?" in staff.get(url).text

        answer = staff.post(url, FORM)

        assert answer.url == page_of(batch)
        assert statuses() == ["completed", "pending", "failed", "pending"]
        assert_counts_fit(organization)

    @pytest.mark.parametrize("code", ["", "no_such", "cancelled"])
    def test_retry_these_knows_the_causes_of_the_batch_only(self, staff, batch, code):
        assert staff.get(f"{page_of(batch, 'retry_code')}?code={code}").status_code == 404

    def test_cancel_fails_what_is_pending(self, organization, staff, batch):
        answer = staff.post(page_of(batch, "cancel"), FORM)

        assert words_of(answer) == [f"{batch.batch_id}: cancelled 1 pending item."]
        assert QueueItem.objects.get(error_code="cancelled").raw_data == {"IMEI": A}
        # Cancelled ones come back only when they are chosen one by one.
        assert "?code=cancelled" not in staff.get(page_of(batch)).text
        assert_counts_fit(organization)

    def test_start_makes_a_scheduled_batch_due(self, organization, staff):
        batch = add(organization, *phones(1, 4), **SCHEDULED)
        page = staff.get(page_of(batch))
        assert "every 30s" in page.text
        assert "Scheduled for 2126-01-06 06:00:00 UTC Added" in text_of(page)
        assert "Waits for" in text_of(page)

        answer = staff.post(page_of(batch, "start"), FORM)

        assert words_of(answer) == [f"{batch.batch_id}: started 3 scheduled items."]
        assert QueueItem.objects.due().count() == 3
        assert page_of(batch, "start") not in staff.get(page_of(batch)).text

    def test_reschedule_refuses_a_time_beyond_a_year_and_takes_a_nearer_one(
        self, organization, staff, time_machine
    ):
        time_machine.move_to(SCHEDULED["now"])
        staff.force_login(UserFactory(superuser=True))
        batch = add(organization, *phones(1, 4), **SCHEDULED)
        asked = staff.get(page_of(batch, "reschedule"))
        assert 'value="2126-01-06T06:00"' in asked.text
        assert 'type="datetime-local"' in asked.text

        refused = staff.post(page_of(batch, "reschedule"), {**FORM, "at": "2128-01-07T06:00"})
        staff.post(page_of(batch, "reschedule"), FORM)

        assert "at most 366 days ahead" in words_of(refused)[0]
        batch.refresh_from_db()
        assert batch.scheduled_at == datetime(2126, 1, 7, 6, tzinfo=UTC)

    @pytest.mark.parametrize(("page", "right"), VERBS.items())
    def test_need_their_permission(self, organization, batch, page, right):
        staff = staff_client(organization, *(set(RIGHTS) - {right}), username="max")
        before = statuses()

        answer = staff.post(f"{page_of(batch, page)}?code=imei_length", FORM)
        if page not in {"retry_code", "reschedule"}:
            choose(staff, page, [batch], query={}, confirmed="yes", **FORM)

        assert answer.status_code == 403
        assert statuses() == before

    @pytest.mark.parametrize("page", VERBS)
    def test_find_no_batch_of_another_organization(self, batch, page):
        stranger = staff_client(OrganizationFactory(), *RIGHTS)
        before = statuses()

        answer = stranger.post(f"{page_of(batch, page)}?code=imei_length", FORM)

        assert answer.status_code == 404
        assert statuses() == before

    def test_tell_of_each_chosen_batch_what_became_of_it(self, organization, staff, batch):
        other = add(organization, {"imei": "13"})
        process(organization)

        answer = choose(staff, "retry", [batch, other], query={}, confirmed="yes", **FORM)

        assert words_of(answer) == [
            f"{batch.batch_id}: retried 2 failed items.",
            f"{other.batch_id}: retried 1 failed item.",
        ]


class TestUndo:
    @pytest.fixture
    def ended(self, organization, batch):
        """Two devices of it; the first was changed by a later batch."""
        process(organization)
        add(organization, {"imei": imei_of(1), "color": "Red"})
        process(organization)
        return batch

    def test_shows_first_what_it_would_do(self, staff, ended):
        text = text_of(staff.get(page_of(ended, "undo")))

        assert "Devices deleted the batch made them 1" in text
        assert f"Changed since: {imei_of(1)}" in text
        assert Device.objects.count() == 2

    def test_does_it_after_a_yes(self, staff, ended):
        answer = staff.post(page_of(ended, "undo"), FORM)

        assert words_of(answer) == [
            f"{ended.batch_id}: undone: 1 device deleted, 0 as they were before, 1 left alone, "
            "changed since."
        ]
        assert list(Device.objects.order_by("id").values_list("imei", flat=True)) == [imei_of(1)]
        assert ">undone</span>" in staff.get(page_of(ended)).text

    def test_says_why_it_cannot_be_done(self, staff, ended):
        QueueBatch.objects.filter(pk=ended.pk).update(created_at=datetime(2020, 1, 1, tzinfo=UTC))

        page = staff.get(page_of(ended, "undo"))
        answer = staff.post(page_of(ended, "undo"), FORM)

        assert "This cannot be done now: A batch can be undone for 30 days." in text_of(page)
        assert words_of(answer) == ["Nothing was changed. A batch can be undone for 30 days"]

    def test_waits_until_the_batch_has_ended(self, staff, batch):
        assert "This cannot be done now" in staff.get(page_of(batch, "undo")).text

    def test_from_the_list_leads_to_the_preview_of_one_batch(self, organization, staff, ended):
        answer = choose(staff, "undo", [ended], query={})
        assert answer.url == page_of(ended, "undo")

        both = QueueBatch.objects.order_by("id")
        answer = choose(staff, "undo", both, query={})

        assert words_of(answer) == ["Choose one batch: an undo shows first what it would do."]


class TestErrorFile:
    def test_is_a_table_of_what_failed_and_why(self, viewer, batch):
        answer = viewer.get(page_of(batch, "error_file_csv"))

        assert f'filename="{batch.batch_id}-errors.csv"' in answer["Content-Disposition"]
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        assert list(csv.reader(io.StringIO(text))) == [
            ["IMEI", "line", "error_code", "reason"],
            ["12", "3", "imei_length", "IMEI must have 15 digits, got 2"],
            ["3.56E+14", "4", "imei_scientific",
             "IMEI in scientific notation - column must be text"],
        ]  # fmt: skip

    def test_is_a_workbook_too(self, viewer, batch):
        answer = viewer.get(page_of(batch, "error_file_xlsx"))

        with ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
            assert b"imei_scientific" in archive.read("xl/worksheets/sheet1.xml")

    def test_link_to_a_list_of_one_organization(self, viewer, organization, batch):
        page = viewer.get(page_of(batch))

        url = list_of("queueitem", **of(organization), batch=batch.batch_id, status="all")
        assert url.replace("&", "&amp;") in page.text
