from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import QueueItem
from inventory.selectors import batch_errors
from inventory.selectors.batch_errors import list_batch_errors, list_columns, read_batch_errors
from inventory.selectors.imports import list_import_errors
from inventory.services.adding import NewItem
from inventory.services.exporting import stream_table
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import add, imei_of, process
from tests.inventory.imports import read, verdicts

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(organization):
    """Two of three fail: on line 3 and on line 7 of their file."""
    good = NewItem({"IMEI": imei_of(1), "Color": "Blue"}, line_no=2)
    short = NewItem({"Shelf": "A-1", "IMEI": "12", "Our code": 7, "Color": None}, line_no=3)
    nameless = NewItem({"Serial": "C02", "test results": {"mic": "ok"}, "reason": "?"}, line_no=7)
    batch = add(organization, good, short, nameless)
    process(organization)
    return batch


class TestListBatchErrors:
    def test_tells_line_code_reason_and_what_was_posted(self, batch):
        short, nameless = list_batch_errors(batch)

        assert (short.line_no, short.error_code) == (3, "imei_length")
        assert short.reason == "IMEI must have 15 digits, got 2"
        assert short.data == {"Shelf": "A-1", "IMEI": "12", "Our code": 7, "Color": None}
        assert (nameless.line_no, nameless.error_code) == (7, "imei_missing")
        assert QueueItem.objects.get(pk=nameless.item_id).status == "failed"

    def test_knows_nothing_of_other_batches_and_organizations(self, organization, batch):
        add(organization, {"imei": "13"})
        add(OrganizationFactory(), {"imei": "14"})
        process(organization)

        assert [error.line_no for error in list_batch_errors(batch)] == [3, 7]

    def test_reads_a_long_batch_in_pieces_each_row_once(self, organization, monkeypatch):
        monkeypatch.setattr(batch_errors, "CHUNK", 2)
        batch = add(organization, *({"imei": str(number)} for number in range(5)))
        process(organization)
        first = QueueItem.objects.filter(batch_id=batch.batch_id).order_by("id").first()
        QueueItem.objects.filter(pk=first.pk).update(priority=9)

        with CaptureQueriesContext(connection) as captured:
            seen = [error.data["imei"] for error in list_batch_errors(batch)]

        assert seen == ["1", "2", "3", "4", "0"]
        assert len(captured) == 3


class TestReadBatchErrors:
    def test_holds_the_posted_columns_then_ours(self, batch):
        table = read_batch_errors(batch)

        assert table.header == (
            *("IMEI", "Serial", "Color", "Shelf", "test results", "Our code"),
            *("line", "error_code", "reason"),
        )
        assert list(table.rows) == [
            (
                "12",
                None,
                None,
                "A-1",
                None,
                7,
                3,
                "imei_length",
                "IMEI must have 15 digits, got 2",
            ),
            (
                *(None, "C02", None, None, '{"mic": "ok"}', None, 7, "imei_missing"),
                "Missing IMEI - this is the only required field",
            ),
        ]

    @pytest.mark.parametrize("imei", [35693803564380, 3569380356438012, 356938000000000])
    def test_is_refused_again_when_it_is_sent_unchanged(
        self, organization, imei, settings, tmp_path
    ):
        settings.MEDIA_ROOT = tmp_path
        batch = add(organization, {"imei": imei, "imei2": imei, "notes": "'=1"})
        process(organization)
        code = QueueItem.objects.get().error_code

        sent = read(organization, b"".join(stream_table(read_batch_errors(batch), "csv", count())))

        assert verdicts(sent) == [(2, "invalid", code)]
        (again,) = list_import_errors(sent)
        assert again.data["notes"] == "''=1"

    def test_is_empty_for_a_batch_without_failures(self, organization):
        table = read_batch_errors(add(organization, {"imei": imei_of(5)}))

        assert (table.header, list(table.rows)) == (("line", "error_code", "reason"), [])


class TestListColumns:
    def test_is_cut_where_nobody_could_read_it(self, organization, monkeypatch):
        monkeypatch.setattr(batch_errors, "MOST_COLUMNS", 3)
        batch = add(organization, {f"column {number}": 1 for number in range(9)})
        process(organization)

        assert list_columns(batch) == ("column 0", "column 1", "column 2")
