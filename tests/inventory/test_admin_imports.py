"""The admin's pages of file imports: nothing is queued before a person has seen what it would do."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from inventory.models import ImportStatus, QueueBatch, QueueImport, QueueItem
from jobs.runner import run_job
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import A, B, add, process
from tests.inventory.imports import (
    EXAMPLE,
    LIST,
    NEW,
    D,
    make_import,
    page_of,
    send,
    staff,
    status_of,
    upload,
)
from tests.qrtracking.pages import words

pytestmark = pytest.mark.django_db

ACTS = ("answer", "mapping", "queue", "cancel")
IMAGE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


@pytest.fixture
def organization():
    return OrganizationFactory(name="Harbor Phones")


@pytest.fixture
def client(organization) -> Client:
    return staff(organization, "import_file")


def _organizations_of(page):
    """The options that stand for one."""
    return (
        page.text.partition('name="organization"')[2]
        .partition("</select>")[0]
        .replace('<option value="" selected', "")
    )


class TestWho:
    def test_only_people_with_the_permission_act(self, organization):
        row = make_import(organization)
        viewer = staff(organization, "view_queueimport", "change_queueimport", "cancel_queueimport")

        assert viewer.get(page_of(row)).status_code == 200
        assert viewer.get(NEW).status_code == 403
        assert send(viewer, organization, text=A).status_code == 403
        assert {viewer.post(page_of(row, name)).status_code for name in ACTS} == {403}
        assert viewer.get(page_of(row, "errors_csv")).status_code == 403
        assert "Queue 5 items" not in words(viewer.get(page_of(row)))
        assert status_of(row) == ImportStatus.READY

    def test_imports_of_other_organizations_are_not_there(self, organization):
        row = make_import(organization)
        stranger = staff(OrganizationFactory(), "import_file", "view_queueimport")

        pages = [page_of(row, name) for name in ("change", "live", "errors_xlsx", *ACTS)]

        assert {stranger.get(page).status_code for page in pages} == {404}
        assert {stranger.post(page).status_code for page in pages} == {404}
        assert page_of(row) not in stranger.get(LIST).text

    def test_nobody_sends_to_an_organization_that_they_do_not_see(self, client):
        answer = send(client, OrganizationFactory(), text=A)

        assert "Select a valid choice" in words(answer)
        assert not QueueImport.objects.exists()


class TestNew:
    def test_asks_for_a_file_and_changes_nothing(self, client, organization):
        add(organization, {"imei": A, "location": "Shelf 7"})
        process(organization)

        page = client.get(NEW)

        assert '<option value="Shelf 7">' in page.text
        assert not QueueImport.objects.exists()

    def test_lets_people_who_see_many_organizations_choose(self, organization):
        operator = staff(OrganizationFactory(operator=True), "import_file")
        assert "selected" not in _organizations_of(operator.get(NEW))

        add(organization, {"imei": A})
        process(organization)

        assert f'value="{organization.pk}" selected' in _organizations_of(operator.get(NEW))

    def test_takes_a_file_with_its_options(self, client, organization):
        tomorrow = timezone.now() + timedelta(days=1)
        answer = send(
            client, organization, file=upload(EXAMPLE), location="Shelf 1", priority="2",
            validation="strict", source="station", scheduled_at=f"{tomorrow:%Y-%m-%d}T06:00",
        )  # fmt: skip

        row = QueueImport.objects.get()
        assert (answer.status_code, answer.url) == (302, page_of(row))
        assert row.file_name == "phones.csv"
        assert str(row.created_by_id) == client.session["_auth_user_id"]
        page = words(client.get(page_of(row)))
        start = f"{tomorrow:%Y-%m-%d} 06:00:00 UTC"
        for text in ("Shelf 1", "Priority 2", "refused", "station", start, "is being read"):
            assert text in page
        assert 'hx-trigger="every 2s' in client.get(page_of(row)).text

    def test_takes_a_pasted_list(self, client, organization):
        answer = send(client, organization, text=f"{A}\tShelf 2\n{B} {D}")

        row = run_job(QueueImport.objects.get())
        assert answer.url == page_of(row)
        page = words(client.get(page_of(row)))
        assert "Queue 3 items" in page
        assert "Pasted list" in page
        assert "Check again with these fields" not in page

    def test_leads_a_page_that_htmx_sent(self, client, organization):
        fields = {"organization": organization.pk, "text": A}
        answer = client.post(NEW, fields, headers={"HX-Request": "true"})

        assert answer.status_code == 204
        assert answer["HX-Redirect"] == page_of(QueueImport.objects.get())

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({}, "Choose a file or paste a list."),
            ({"text": " \n"}, "Choose a file or paste a list."),
            ({"text": A, "file": EXAMPLE}, "Send either a file or a pasted list, not both."),
            ({"file": IMAGE}, "The file is not a table."),
            ({"file": b""}, "The file has no rows"),
            ({"text": A, "priority": "11"}, "less than or equal to 10"),
            ({"text": A, "location": "x" * 101}, "at most 100 characters"),
            ({"text": A, "scheduled_at": "soon"}, "Enter a valid date/time."),
            ({"text": A, "scheduled_at": "2099-01-05T06:00"}, "at most 366 days ahead"),
        ],
    )
    def test_says_why_nothing_was_sent(self, client, organization, fields, message):
        if "file" in fields:
            fields = {**fields, "file": upload(fields["file"])}

        page = send(client, organization, **fields)

        assert page.status_code == 200
        assert "Nothing was sent." in words(page)
        assert message in words(page)
        assert not QueueImport.objects.exists()

    def test_asks_before_the_same_file_is_imported_again(self, client, organization):
        row = make_import(organization)
        client.post(page_of(row, "queue"))
        batch_id = QueueBatch.objects.get().batch_id

        asked = send(client, organization, file=upload(EXAMPLE))
        again = send(client, organization, file=upload(EXAMPLE), confirmed="on")

        assert f"as {batch_id}. Import again?" in words(asked)
        assert again.status_code == 302
        assert QueueImport.objects.count() == 2


class TestPage:
    def test_shows_what_the_file_would_change(self, client, organization):
        add(organization, {"imei": B})
        process(organization)
        row = make_import(organization)

        page = client.get(page_of(row))

        text = words(page)
        for part in (
            "New 2", "Update 1", "Duplicate 2", "Invalid 2", "7 rows in the file.",
            "1 imei_length", "1 imei_scientific", "1 check_digit_added", "Queue 5 items",
            f"imei {A} · Model iPhone 13 · Paint red", "IMEI must have 15 digits, got 2",
            "2 invalid rows are left out.",
        ):  # fmt: skip
            assert part in text
        assert 'hx-trigger="every 2s' not in page.text
        assert QueueItem.objects.filter(source="file-import").count() == 0

    def test_keeps_a_viewers_eyes_on_the_same_facts(self, organization):
        row = make_import(organization)

        text = words(staff(organization, "view_queueimport").get(page_of(row)))

        assert "Invalid 2" in text
        assert "Error file" not in text

    def test_follows_the_reading(self, client, organization):
        row = make_import(organization)
        QueueImport.objects.filter(pk=row.pk).update(status="uploaded")
        waiting = client.get(page_of(row, "live"))
        QueueImport.objects.filter(pk=row.pk).update(status="ready")
        ready = client.get(page_of(row, "live"))

        assert 'id="job-live"' in waiting.text
        assert "every 2s" in waiting.text
        assert "every 2s" not in ready.text
        assert "Queue 5 items" in words(ready)
        assert "<html" not in ready.text

    def test_says_what_is_wrong_with_a_file(self, client, organization):
        row = make_import(organization, '{"phones": []}', name="x.json")

        text = words(client.get(page_of(row)))

        assert row.status == ImportStatus.FAILED
        assert "send the corrected file" in text
        assert "Import another file" in text

    def test_escapes_what_a_file_says(self, client, organization):
        row = make_import(organization, f"imei,<b>x\n{A},<script>1\n")

        page = client.get(page_of(row)).text

        assert "<script>1" not in page
        assert "<b>x" not in page


class TestCancel:
    def test_asks_and_gives_the_import_up(self, client, organization):
        row = make_import(organization)

        asked = client.get(page_of(row, "cancel"))
        done = client.post(page_of(row, "cancel"), {"reason": "Wrong file"}, follow=True)

        assert "nothing of its file is queued" in words(asked)
        assert "The import was cancelled." in words(done)
        assert "Wrong file" in words(done)
        assert status_of(row) == ImportStatus.CANCELLED

    def test_is_not_offered_for_what_is_queued(self, client, organization):
        row = make_import(organization)
        client.post(page_of(row, "queue"))

        assert page_of(row, "cancel") not in client.get(page_of(row)).text
        assert "cannot be done now" in words(client.get(page_of(row, "cancel")))


class TestList:
    def test_tells_what_came_of_files(self, client, organization):
        row = make_import(organization)

        page = client.get(LIST)

        assert "3 new, 2 duplicate, 2 invalid" in words(page)
        assert "phones.csv" in words(page)
        assert page_of(row) in page.text
        assert f'href="{NEW}"' in page.text

    def test_offers_viewers_no_upload(self, organization):
        assert "Import a file" not in words(staff(organization, "view_queueimport").get(LIST))
