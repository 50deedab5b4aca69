"""The admin's pages of file imports: nothing is queued before a person has seen what it would do."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from inventory.models import ImportStatus, QueueBatch, QueueImport, QueueItem
from inventory.services.importing import create_import
from jobs.runner import run_job
from tables.reading import read_table
from tests.accounts.factories import OrganizationFactory, grant, make_member
from tests.inventory.factories import A, B, add, imei_of, process
from tests.qrtracking.pages import words

pytestmark = pytest.mark.django_db

NEW = reverse("admin:inventory_queueimport_add")
LIST = reverse("admin:inventory_queueimport_changelist")
ACTS = ("answer", "mapping", "queue", "cancel")
D = imei_of(1)
# The worked example: 2 new, 1 update, 2 duplicates, 2 invalid when B is in stock.
EXAMPLE = (
    f"imei,Model,Paint\n{A},iPhone 13,red\n{B},,\n{A},,\n12,,\n3.56938E+14,,\n{B[:14]},,\n{D},,\n\n"
)
IMAGE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"


@pytest.fixture
def organization():
    return OrganizationFactory(name="Harbor Phones")


@pytest.fixture
def client(organization) -> Client:
    return staff(organization, "import_file")


def staff(organization, *codenames) -> Client:
    client = Client()
    member = make_member("viewer", organization=organization, is_staff=True)
    client.force_login(grant(member, *codenames))
    return client


def page_of(row, name="change"):
    return reverse(f"admin:inventory_queueimport_{name}", args=[row.pk])


def upload(content, name="phones.csv"):
    data = content.encode() if isinstance(content, str) else content
    return SimpleUploadedFile(name, data)


def send(client, organization, **fields):
    return client.post(NEW, {"organization": organization.pk, "priority": "5", **fields})


def make_import(organization, content=EXAMPLE, *, name="phones.csv", **options):
    """Sent and read."""
    row = create_import(
        organization_id=organization.pk,
        actor=None,
        file=upload(content, name),
        file_name=name,
        now=timezone.now(),
        **options,
    )
    return run_job(row)


def _organizations_of(page):
    """The options that stand for one."""
    return (
        page.text.partition('name="organization"')[2]
        .partition("</select>")[0]
        .replace('<option value="" selected', "")
    )


def status_of(row):
    return QueueImport.objects.values_list("status", flat=True).get(pk=row.pk)


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


class TestAnswer:
    def test_asks_for_the_header_and_takes_the_line(self, client, organization):
        row = make_import(organization, f"Handset,Paint\n{A},red\nspare,blue\nspare,blue\n")
        page = words(client.get(page_of(row)))
        assert "Which line has the headers?" in page
        assert "Queue" not in page.replace("Queue imports", "")

        answer = client.post(page_of(row, "answer"), {"answer": "line-1"})

        assert answer.url == page_of(row)
        row = run_job(QueueImport.objects.get(pk=row.pk))
        assert "Handset" in words(client.get(page_of(row)))

    def test_takes_a_column_of_a_table_without_header(self, client, organization):
        row = make_import(organization, f"{A},red\nspare,blue\nspare,blue\n")

        client.post(page_of(row, "answer"), {"answer": "column-0"})

        row = run_job(QueueImport.objects.get(pk=row.pk))
        assert "Queue 1 item" in words(client.get(page_of(row)))

    @pytest.mark.parametrize("answer", ["", "nonsense", "line-9999", "column-9999"])
    def test_says_what_is_no_answer(self, client, organization, answer):
        row = make_import(organization, "Handset\nspare\nspare\n")

        page = client.post(page_of(row, "answer"), {"answer": answer})

        assert page.status_code == 200
        assert 'role="alert"' in page.text
        assert "Which line has the headers?" in words(page)

    def test_reads_the_headers_of_another_line_though_nothing_was_asked(self, client, organization):
        row = make_import(organization)

        client.post(page_of(row, "answer"), {"answer": "2"})

        row = run_job(QueueImport.objects.get(pk=row.pk))
        assert A in words(client.get(page_of(row)))
        assert row.counts["rows"] == 6

    def test_says_what_is_no_line(self, client, organization):
        row = make_import(organization)

        page = client.post(page_of(row, "answer"), {"answer": "9999"}, follow=True)

        assert "This is no answer" in words(page)
        assert client.get(page_of(row, "answer")).url == page_of(row)
        assert status_of(row) == ImportStatus.READY


class TestMapping:
    def test_reads_a_column_as_the_chosen_field(self, client, organization):
        row = make_import(organization)

        fields = {"column-0": "imei", "column-1": "ignore", "column-2": "color"}
        client.post(page_of(row, "mapping"), fields)
        row = run_job(QueueImport.objects.get(pk=row.pk))
        client.post(page_of(row, "queue"))

        first = QueueItem.objects.order_by("id").first()
        assert first.raw_data == {"imei": A, "color": "red"}

    def test_keeps_the_choice_of_a_refused_mapping(self, client, organization):
        row = make_import(organization)

        page = client.post(page_of(row, "mapping"), {"column-0": "notes", "column-1": "brand"})

        assert 'role="alert"' in page.text
        assert '<option value="brand" selected' in page.text
        assert status_of(row) == ImportStatus.READY
        assert client.get(page_of(row, "mapping")).url == page_of(row)


class TestQueue:
    def test_queues_once_and_leads_to_the_batch(self, client, organization):
        row = make_import(organization)

        answer = client.post(page_of(row, "queue"))
        again = client.post(page_of(row, "queue"), follow=True)

        batch = QueueBatch.objects.get()
        assert answer.url == reverse("admin:inventory_queuebatch_change", args=[batch.pk])
        assert (batch.total_items, batch.undoable) == (5, True)
        assert "Nothing was queued." in words(again)
        assert batch.batch_id in words(again)
        assert status_of(row) == ImportStatus.QUEUED

    def test_changes_nothing_when_it_is_only_looked_at(self, client, organization):
        row = make_import(organization)

        assert client.get(page_of(row, "queue")).url == page_of(row)
        assert not QueueBatch.objects.exists()

    def test_offers_nothing_when_all_rows_are_invalid(self, client, organization):
        row = make_import(organization, "imei\n12\n13\n")

        assert "No row can be queued." in words(client.get(page_of(row)))
        assert "Nothing was queued." in words(client.post(page_of(row, "queue"), follow=True))

    def test_asks_when_the_same_file_was_queued_meanwhile(self, client, organization):
        first, second = make_import(organization), make_import(organization)
        client.post(page_of(first, "queue"))

        asked = client.post(page_of(second, "queue"))
        assert "Import again: queue 5 items" in words(asked)
        client.post(page_of(second, "queue"), {"confirmed": "on"})

        assert QueueBatch.objects.count() == 2


class TestErrorFile:
    @pytest.mark.parametrize("format", ["csv", "xlsx"])
    def test_holds_the_rows_as_they_were_sent_with_their_reasons(
        self, client, organization, format
    ):
        row = make_import(organization)

        answer = client.get(page_of(row, f"errors_{format}"))

        rows = list(read_table(io.BytesIO(b"".join(answer.streaming_content))))
        assert rows[0] == ["imei", "Model", "Paint", "line", "error_code", "reason"]
        assert [(line[0], line[3], line[4]) for line in rows[1:]] == [
            ("12", "5", "imei_length"), ("3.56938E+14", "6", "imei_scientific"),
        ]  # fmt: skip
        assert f'filename="phones-errors.{format}"' in answer["Content-Disposition"]

    def test_can_be_corrected_and_sent_as_it_is(self, client, organization):
        sent = client.get(page_of(make_import(organization), "errors_csv"))
        text = b"".join(sent.streaming_content).decode("utf-8-sig")

        row = make_import(organization, text.replace("12,", f"{D},", 1))

        assert row.counts["new"] == 1
        client.post(page_of(row, "queue"))
        assert QueueItem.objects.get().raw_data == {"imei": D}


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
