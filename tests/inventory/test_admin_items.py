"""The admin of items: the list, what staff do to many at once, the page of one, its correction."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.admin import item_verbs
from inventory.models import Device, QueueArchive, QueueItem
from inventory.services.control import stop_queue
from tests.accounts.factories import OrganizationFactory, UserFactory
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

VERBS = {
    "retry": "retry_item",
    "cancel": "cancel_batch",
    "prioritise": "change_queueitem",
    "process": "process_queue",
    "clear": "clear_completed",
}
FORM = {"reason": "Wrong shelf", "priority": "2"}
LATER = {
    "scheduled_at": datetime(2126, 1, 5, 6, tzinfo=UTC),
    "now": datetime(2126, 1, 1, tzinfo=UTC),
}


@pytest.fixture
def organization():
    return OrganizationFactory(name="Harbor Phones")


@pytest.fixture
def batch(organization):
    """Two completed, two failed, one pending."""
    batch = add(organization, *phones(1, 3), {"imei": "12"}, {"imei": "3.56E+14"}, {"imei": A})
    process(organization, limit=4)
    return batch


@pytest.fixture
def staff(organization):
    return staff_client(organization, *RIGHTS)


@pytest.fixture
def viewer(organization):
    return staff_client(organization, username="vera")


def items(status=None, **filters):
    rows = QueueItem.objects.filter(**filters).order_by("id")
    return list(rows.filter(status=status) if status else rows)


def shown(page):
    return [item.pk for item in page.context["cl"].result_list]


def ids(rows):
    return [row.pk for row in rows]


class TestList:
    def test_has_the_columns_of_the_contract(self, viewer, batch):
        page = viewer.get(list_of("queueitem", status="all"))

        assert page.context["cl"].list_display == [
            *("item", "imei", "state_badge", "place", "retries", "source", "batch", "error"),
            "waiting_since",
        ]
        text = text_of(page)
        assert f"{imei_of(1)} completed 5 0/3 bulk-add …{batch.batch_id[-9:]}" in text
        assert "IMEI must have 15 digits, got 2 imei_length" in text

    def test_opens_on_failed_items_when_there_are_any(self, organization, viewer, batch):
        page = viewer.get(list_of("queueitem"), follow=True)

        assert page.redirect_chain[0][0] == list_of(
            "queueitem", status="failed", **of(organization)
        )
        assert shown(page) == ids(items("failed"))

    def test_opens_on_everything_when_nothing_failed(self, organization, viewer):
        add(organization, *phones(1, 3))

        page = viewer.get(list_of("queueitem"))

        assert sorted(shown(page)) == ids(items())

    def test_counts_by_the_ledger_above_the_list(self, viewer, batch):
        with CaptureQueriesContext(connection) as captured:
            page = viewer.get(list_of("queueitem", status="pending"))

        counts = {preset["label"]: preset["count"] for preset in page.context["presets"]}
        assert counts == {
            "Failed": "2",
            "Pending": "1",
            "of these delayed": "0",
            "Processing": "0",
            "Completed": "2",
            "All": "5",
        }
        assert [p["label"] for p in page.context["presets"] if p["is_chosen"]] == ["Pending"]
        unbounded = [q["sql"] for q in captured if 'COUNT(*) AS "__count" FROM "imei' in q["sql"]]
        assert unbounded == []

    def test_filters(self, viewer, batch):
        for query, statuses in (
            ({"status": "completed"}, ["completed"] * 2),
            ({"error_code": "imei_length"}, ["failed"]),
            ({"delayed": "no"}, ["pending"]),
            ({"source": "bulk-add", "status": "failed"}, ["failed"] * 2),
            ({"source": "free text"}, []),
            ({"status": "broken"}, []),
            ({"error_code": "no_such"}, []),
            ({"batch": "batch_0_x", "status": "all"}, []),
        ):
            page = viewer.get(list_of("queueitem", **query))
            assert [item.status for item in page.context["cl"].result_list] == statuses, query

    def test_filters_a_batch_and_offers_the_newest(self, organization, viewer, batch):
        other = add(organization, *phones(7, 9))

        page = viewer.get(list_of("queueitem", batch=other.batch_id, status="all"))

        assert shown(page) == ids(reversed(items(batch_id=other.batch_id)))
        assert batch.batch_id in page.text

    def test_shows_delayed_items_by_their_time(self, organization, viewer):
        late = add(organization, *phones(1, 2), **LATER)
        sooner = {**LATER, "scheduled_at": LATER["scheduled_at"] - timedelta(days=1)}
        early = add(organization, *phones(2, 3), **sooner)

        page = viewer.get(list_of("queueitem", delayed="yes", status="pending"))

        assert [one.batch_id for one in page.context["cl"].result_list] == [
            *(early.batch_id, late.batch_id),
        ]
        assert "scheduled" in page.text

    def test_shows_pending_items_in_the_order_of_the_queue(self, organization, viewer):
        add(organization, *phones(1, 3), priority=9)
        add(organization, *phones(3, 4), priority=1)

        page = viewer.get(list_of("queueitem", status="pending"))

        assert [item.priority for item in page.context["cl"].result_list] == [1, 9, 9]

    def test_finds_an_imei_as_people_write_it_in_every_status(self, viewer, batch):
        page = viewer.get(list_of("queueitem", q=" 35-000000-000001-4 ", status="failed"))

        assert shown(page) == ids(items("completed")[:1])

    def test_finds_an_id_and_a_batch(self, organization, viewer, batch):
        add(organization, *phones(7, 9))
        wanted = items("pending")[0]

        assert shown(viewer.get(list_of("queueitem", q=wanted.pk))) == [wanted.pk]
        found = viewer.get(list_of("queueitem", q=batch.batch_id))
        assert sorted(shown(found)) == ids(items(batch_id=batch.batch_id))

    def test_finds_nothing_for_what_is_no_item(self, viewer, batch):
        for term in ("x", "99999999999999999999", "²", "12" * 40, "batch_"):
            assert shown(viewer.get(list_of("queueitem", q=term))) == [], term

    def test_reads_indexes_that_start_with_the_organization(self, viewer, batch):
        with CaptureQueriesContext(connection) as captured:
            viewer.get(list_of("queueitem", status="failed"))

        listed = [q["sql"] for q in captured if "LIMIT 51" in q["sql"]]
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute(f"EXPLAIN {listed[0]}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "Index Only Scan using iq_list_idx" in plan
        assert not [q["sql"] for q in captured if '"raw_data"' in q["sql"]]

    def test_reads_further_pages(self, viewer, batch, monkeypatch):
        monkeypatch.setattr("inventory.admin.items.QueueItemAdmin.list_per_page", 2)
        everything = ids(viewer.get(list_of("queueitem", status="all")).context["cl"].queryset)

        pages = [shown(viewer.get(list_of("queueitem", status="all", p=p))) for p in (1, 2, 3)]

        assert pages == [everything[:2], everything[2:4], everything[4:]]


class TestOrganizations:
    def test_are_chosen_by_people_who_see_all(self, client, organization, batch):
        other = OrganizationFactory(name="Quay Phones")
        add(other, *phones(1, 3))
        client.force_login(UserFactory(superuser=True))

        page = client.get(list_of("queueitem"))
        chosen = client.get(list_of("queueitem", **of(other)))

        assert "Harbor Phones 2 failed" in text_of(page)
        assert "Choose a queue first" in page.text
        assert shown(page) == []
        assert {item.organization for item in chosen.context["cl"].result_list} == {other}

    def test_are_searched_all_together_by_people_who_see_all(self, client, organization, batch):
        add(OrganizationFactory(name="Quay Phones"), *phones(1, 2))
        client.force_login(UserFactory(superuser=True))

        page = client.get(list_of("queueitem", q=imei_of(1)))

        assert len(shown(page)) == 2
        assert "Harbor Phones" in page.text
        assert "Quay Phones" in page.text

    def test_are_not_asked_for_where_only_one_has_a_queue(self, client, organization, batch):
        client.force_login(UserFactory(superuser=True))

        page = client.get(list_of("queueitem"), follow=True)

        assert shown(page) == ids(items("failed"))

    @pytest.mark.parametrize("asked", ["foreign", "zzz"])
    def test_of_others_show_nothing(self, viewer, batch, asked):
        other = OrganizationFactory()
        add(other, {"imei": "12"})
        key = other.pk if asked == "foreign" else asked

        page = viewer.get(list_of("queueitem", status="all", organization__id__exact=key))

        assert page.status_code in {200, 302}
        assert imei_of(1) not in page.text
        assert "imei_length</code>" not in page.text


class TestVerbs:
    def test_ask_first_with_count_and_effect(self, staff, batch):
        before = [item.status for item in items()]

        for verb in VERBS:
            asked = choose(staff, verb, items(), query={"status": "all"})
            count = {"retry": 2, "clear": 2}.get(verb, 1)
            assert f": {count} of 5 chosen queue items." in text_of(asked)
            assert item_verbs.ITEM_VERBS[verb].effect in asked.text
            assert 'name="reason"' in asked.text

        assert [item.status for item in items()] == before

    def test_retry_queues_failed_items_again(self, organization, staff, batch):
        failed = items("failed")

        answer = choose(
            staff, "retry", failed[:1], query={"status": "failed"}, confirmed="yes", **FORM
        )

        assert words_of(answer) == ["1 queue item queued again."]
        assert [item.status for item in items(pk__in=ids(failed))] == ["pending", "failed"]
        assert LogEntry.objects.get().change_message == "Retried 1 item. Reason: Wrong shelf"
        assert LogEntry.objects.get().object_id == str(organization.pk)
        assert_counts_fit(organization)

    def test_retry_of_all_matching_leaves_cancelled_ones(self, organization, staff, batch):
        choose(staff, "cancel", items(), query={"status": "all"}, confirmed="yes", **FORM)

        answer = choose(
            staff, "retry", items("failed")[:1], query={"status": "failed"},
            select_across="1", confirmed="yes", **FORM,
        )  # fmt: skip

        assert words_of(answer)[-1] == "2 queue items queued again."
        assert [item.error_code for item in items("failed")] == ["cancelled"]
        answer = choose(
            staff, "retry", items("failed"), query={"error_code": "cancelled"},
            select_across="1", confirmed="yes", **FORM,
        )  # fmt: skip
        assert words_of(answer)[-1] == "1 queue item queued again."
        assert_counts_fit(organization)

    def test_act_on_the_first_thousands_of_all_matching(self, staff, batch, monkeypatch):
        monkeypatch.setitem(
            item_verbs.ITEM_VERBS, "retry", _with_limit(item_verbs.ITEM_VERBS["retry"], 1)
        )

        answer = choose(
            staff, "retry", items("failed")[:1], query={"status": "failed"},
            select_across="1", confirmed="yes", **FORM,
        )  # fmt: skip

        assert len(items("failed")) == 1
        assert words_of(answer)[1] == (
            "There are more: one press acts on 1 at most. Repeat it for the rest."
        )

    def test_cancel_fails_pending_items(self, organization, staff, batch):
        answer = choose(staff, "cancel", items(), query={"status": "all"}, confirmed="yes", **FORM)

        assert words_of(answer) == ["1 queue item cancelled."]
        assert items(error_code="cancelled")[0].imei_norm == A
        assert_counts_fit(organization)

    def test_prioritise_moves_pending_items(self, staff, batch):
        choose(staff, "prioritise", items(), query={"status": "all"}, confirmed="yes", **FORM)

        assert [item.priority for item in items()] == [5, 5, 5, 5, 2]
        message = "Set priority 2 for 1 item. Reason: Wrong shelf"
        assert LogEntry.objects.get().change_message == message

    def test_prioritise_asks_again_for_a_number_from_1_to_10(self, staff, batch):
        form = {"priority": "11", "reason": ""}

        asked = choose(staff, "prioritise", items(), query={}, confirmed="yes", **form)

        assert "less than or equal to 10" in asked.text
        assert [item.priority for item in items("pending")] == [5]

    def test_process_handles_due_items_also_while_stopped(self, organization, staff, batch):
        add(organization, {"imei": "13"})
        add(organization, *phones(8, 9), **LATER)
        stop_queue(organization_id=organization.pk, actor=None)
        due, bad, _ = pending = items("pending")

        answer = choose(staff, "process", pending, query={"status": "pending"},
                        confirmed="yes", **FORM)  # fmt: skip

        assert words_of(answer) == [
            f"Item {due.pk}: completed.",
            f"Item {bad.pk}: failed. IMEI must have 15 digits, got 2",
        ]
        assert len(items("pending")) == 1
        assert_counts_fit(organization)

    def test_clear_archives_completed_items(self, organization, staff, batch):
        answer = choose(staff, "clear", items(), query={"status": "all"}, confirmed="yes", **FORM)

        assert words_of(answer) == ["2 queue items moved to the archive."]
        assert QueueArchive.objects.count() == 2
        assert_counts_fit(organization)

    @pytest.mark.parametrize(("verb", "right"), VERBS.items())
    def test_need_their_permission(self, organization, batch, verb, right):
        staff = staff_client(organization, *(set(RIGHTS) - {right}), username="max")
        before = [(item.status, item.priority) for item in items()]
        target = {"retry": "failed", "clear": "completed"}.get(verb, "pending")
        item = items(target)[0]

        assert staff.post(page_of(item, verb), FORM).status_code == 403
        choose(staff, verb, items(), query={"status": "all"}, confirmed="yes", **FORM)

        assert [(item.status, item.priority) for item in items()] == before

    def test_are_no_buttons_for_people_who_may_only_look(self, viewer, batch):
        item = items("pending")[0]

        page = viewer.get(page_of(item)).text

        assert not [verb for verb in VERBS if page_of(item, verb) in page]

    def test_say_that_processing_is_stopped(self, organization, staff, batch):
        stop_queue(organization_id=organization.pk, actor=None)

        answer = choose(
            staff, "retry", items("failed"), query={"status": "failed"}, confirmed="yes", **FORM
        )

        assert words_of(answer)[1].startswith("Processing is stopped")
        assert "Processing is stopped" in staff.get(page_of(items("pending")[0])).text

    def test_find_no_item_of_another_organization(self, batch):
        stranger = staff_client(OrganizationFactory(), *RIGHTS)
        before = [(item.status, item.priority) for item in items()]

        for verb in VERBS:
            item = items({"retry": "failed", "clear": "completed"}.get(verb, "pending"))[0]
            assert stranger.post(page_of(item, verb), FORM).status_code == 404

        assert [(item.status, item.priority) for item in items()] == before

    def test_pass_over_ticked_items_of_another_organization(self, batch):
        stranger = staff_client(OrganizationFactory(), *RIGHTS)
        everything = {"select_across": "1", "confirmed": "yes", **FORM}

        choose(stranger, "retry", items(), query={"status": "all"}, **everything)

        assert len(items("failed")) == 2


def _with_limit(verb, limit):
    return type(verb)(**{**vars(verb), "limit": limit})


class TestItemPage:
    def test_tells_what_was_posted_how_it_was_read_and_what_became_of_it(
        self, organization, viewer
    ):
        add(organization, {"IMEI": "35693803564380", "Shelf": "A-1", "Our code": 7})
        process(organization)
        item = items()[0]

        text = text_of(viewer.get(page_of(item)))

        assert "completed 356938035643809" in text
        assert "check_digit_added" in text
        assert "IMEI IMEI 35693803564380 356938035643809 read" in text
        assert "Location Shelf A-1 A-1 read" in text
        assert "Color (Unknown)" in text
        assert "Kept in the raw data only: Our code" in text
        assert "&quot;Our code&quot;: 7" in text
        assert "Device in stock IMEI 356938035643809" in text
        assert "completed Item processed successfully" in text
        assert "processing Item marked as processing" in text

    def test_leads_to_the_phone_whose_second_imei_it_is(self, organization, viewer):
        add(organization, {"imei": imei_of(1), "imei2": imei_of(2)}, {"imei": imei_of(2)})
        process(organization)
        first = Device.objects.get(imei=imei_of(1))

        page = viewer.get(page_of(items(imei_norm=imei_of(2))[0]))

        assert f"This is the second IMEI of device {first.imei}" in page.text
        assert f'href="{page_of(first)}">Open that device' in page.text

    def test_says_why_it_failed_and_what_to_do(self, staff, batch):
        item = items(error_code="imei_scientific")[0]

        page = staff.get(page_of(item))

        assert "IMEI in scientific notation - column must be text" in page.text
        assert "Format the column as text" in page.text
        assert page_of(item, "correct") in page.text
        assert page_of(item, "retry") in page.text
        assert page_of(item, "cancel") not in page.text
        assert page_of(batch) in page.text

    def test_opens_in_every_status(self, organization, viewer):
        add(organization, *phones(1, 2))

        for status in ("pending", "processing", "completed", "failed"):
            QueueItem.objects.update(status=status, locked_by="host:1", batch_id=None)
            assert status in text_of(viewer.get(page_of(items()[0])))

    def test_is_not_found_by_another_organization_nor_by_garbage(self, batch):
        stranger = staff_client(OrganizationFactory(), *RIGHTS)
        page = page_of(items()[0])

        assert stranger.get(page).status_code == 404
        assert stranger.get(page.replace(str(items()[0].pk), "9" * 30)).status_code == 404

    @pytest.mark.parametrize("verb", ["retry", "prioritise"])
    def test_acts_by_buttons(self, staff, batch, verb):
        item = items("failed" if verb == "retry" else "pending")[0]

        assert "are you sure?" in staff.get(page_of(item, verb)).text
        answer = staff.post(page_of(item, verb), FORM)

        assert answer.url == page_of(item)
        item.refresh_from_db()
        assert (item.status, item.priority) == ("pending", 5 if verb == "retry" else 2)

    def test_says_when_somebody_was_faster(self, staff, batch):
        item = items("completed")[0]

        answer = staff.post(page_of(item, "retry"), FORM)

        assert words_of(answer) == [
            "Nothing was changed. It is not what it was any more: look at it again"
        ]

    def test_costs_the_same_however_long_the_log(
        self, viewer, batch, django_assert_max_num_queries
    ):
        with django_assert_max_num_queries(20):
            viewer.get(page_of(items("completed")[0]))


class TestCorrection:
    @pytest.fixture
    def failed(self, organization):
        data = {"Colour": "Blue", "IMEI": "12", "qty": 1, "tests": {"mic": "ok"}, "note": None}
        add(organization, data)
        process(organization)
        return items()[0]

    @staticmethod
    def fields(page):
        """What the form would send when nobody touched it."""
        form = page.context["form"]
        return {name: form[name].value() or "" for name in form.fields}

    def test_queues_a_new_item_and_the_failed_one_stays(self, staff, failed):
        page = staff.get(page_of(failed, "correct"))
        assert page.context["form"].names[0] == "IMEI"
        form = {**self.fields(page), "field_0": A, "new_name": "Shelf", "new_value": "A-1"}

        answer = staff.post(page_of(failed, "correct"), form)

        corrected = items(source="correction")[0]
        assert corrected.raw_data == {**failed.raw_data, "IMEI": A, "Shelf": "A-1"}
        assert corrected.raw_data["tests"] == {"mic": "ok"}
        assert answer.url == page_of(corrected)
        assert words_of(answer) == [
            f"Queued as item {corrected.pk}. Item {failed.pk} stays failed."
        ]
        failed.refresh_from_db()
        assert (failed.status, failed.raw_data["IMEI"]) == ("failed", "12")

    def test_offers_an_imei_where_none_was_posted(self, organization, staff):
        add(organization, {"serial": "C02"})
        process(organization)
        failed = items()[0]

        form = {**self.fields(staff.get(page_of(failed, "correct"))), "field_0": A}
        staff.post(page_of(failed, "correct"), form)

        assert items(source="correction")[0].raw_data == {"serial": "C02", "imei": A}

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"new_value": "x"}, "Name the field that this value is for."),
            ({"new_name": "qty"}, "This field is in the form already."),
            ({"field_4": "{"}, "This is no valid JSON."),
            ({"field_0": "x" * 70_000}, "it is larger than 64 KB"),
        ],
    )
    def test_says_what_is_wrong_and_queues_nothing(self, staff, failed, change, error):
        form = {**self.fields(staff.get(page_of(failed, "correct"))), **change}

        answer = staff.post(page_of(failed, "correct"), form)

        assert error in answer.text
        assert len(items()) == 1

    def test_takes_along_what_the_form_has_no_room_for(self, organization, staff, monkeypatch):
        monkeypatch.setattr("inventory.forms.corrections.MOST_FIELDS", 1)
        add(organization, {"a": 1, "imei": "12", "b": 2})
        process(organization)
        page = staff.get(page_of(items()[0], "correct"))
        assert "2 more fields go along as they were posted." in text_of(page)

        staff.post(page_of(items()[0], "correct"), {**self.fields(page), "field_0": A})

        assert items(source="correction")[0].raw_data == {"a": 1, "imei": A, "b": 2}

    def test_says_that_processing_is_stopped(self, organization, staff, failed):
        stop_queue(organization_id=organization.pk, actor=None)
        form = {**self.fields(staff.get(page_of(failed, "correct"))), "field_0": A}

        answer = staff.post(page_of(failed, "correct"), form)

        assert words_of(answer)[0].endswith("stays failed. Processing is stopped.")

    def test_is_only_for_failed_items(self, staff, batch):
        item = items("completed")[0]

        page = staff.get(page_of(item, "correct"))
        staff.post(page_of(item, "correct"), {"field_0": A})

        assert "only a failed item can be corrected" in page.text
        assert not items(source="correction")

    def test_needs_its_permission_and_ones_own_organization(self, viewer, failed):
        stranger = staff_client(OrganizationFactory(), *RIGHTS)

        assert viewer.get(page_of(failed, "correct")).status_code == 403
        assert stranger.post(page_of(failed, "correct"), {"field_0": A}).status_code == 404
