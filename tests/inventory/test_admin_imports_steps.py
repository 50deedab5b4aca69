"""The steps of an import: answers, mapping, queueing, and the error file that comes back."""

import io
from itertools import count

import pytest
from django.test import Client
from django.urls import reverse

from inventory.models import (
    Device,
    ImportStatus,
    Inspection,
    QueueBatch,
    QueueImport,
    QueueItem,
    SkuInfo,
    StockEntry,
)
from inventory.selectors.exports import read_table as read_devices
from inventory.services.exporting import stream_table
from jobs.runner import run_job
from tables.reading import read_table
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import A, B, add, process
from tests.inventory.imports import D, make_import, page_of, staff, status_of
from tests.qrtracking.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return OrganizationFactory(name="Harbor Phones")


@pytest.fixture
def client(organization) -> Client:
    return staff(organization, "import_file")


def facts_of(organization):
    devices = Device.objects.filter(organization=organization).order_by("imei")
    facts = [devices.values_list("imei", "name", "sku", "description", "assumed", "received_at")]
    ids = list(devices.values_list("pk", flat=True))
    for model, names in (
        (SkuInfo, ("sku_source", "brand", "model", "storage", "color", "carrier")),
        (Inspection, ("working_status", "defects", "battery_health", "notes")),
        (StockEntry, ("location_id",)),
    ):
        facts.append(model.objects.filter(item_id__in=ids).order_by("item_id").values_list(*names))
    return [list(rows) for rows in facts]


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
        assert "5 items queued." in words(again)
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


class TestOwnExport:
    @pytest.mark.parametrize("format", ["csv", "xlsx"])
    def test_changes_no_device_when_it_comes_back(self, client, organization, format):
        add(
            organization,
            {"imei": A},
            {"imei": B, "model": "=cmd", "notes": "+1 scratch", "location": "-A1", "sku": "00123"},
            {"imei": D, "model": "12345", "battery": 0.95, "failed": "Face ID", "sku": "1E5"},
        )
        process(organization)
        before = facts_of(organization)
        table = read_devices(organization.pk, "devices", {})
        content = b"".join(stream_table(table, format, count()))

        row = make_import(organization, content, name=f"devices.{format}")
        client.post(page_of(row, "queue"))
        process(organization)

        assert row.counts["update"] == 3
        assert QueueItem.objects.filter(source="file-import", status="completed").count() == 3
        assert facts_of(organization) == before
