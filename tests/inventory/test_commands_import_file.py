import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from inventory.models import QueueImport, QueueItem
from jobs.services import pause_job_type
from tables.streaming import Sheet, stream_xlsx
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import A, B, add, process
from tests.inventory.imports import EXAMPLE

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    organization = OrganizationFactory(slug="north-hall")
    add(organization, {"imei": B})
    process(organization)
    (tmp_path / "phones.csv").write_text(EXAMPLE)
    return tmp_path


def run(*arguments):
    out = StringIO()
    call_command("import_file", *map(str, arguments), "--organization", "north-hall", stdout=out)
    return out.getvalue()


class TestImportFile:
    def test_queues_what_is_good(self, folder):
        (folder / "map.json").write_text(json.dumps({"Paint": "color"}))
        errors = folder / "errors.csv"
        options = ["--location", "L1", "--priority", "2", "--mapping", folder / "map.json"]

        told = json.loads(run(folder / "phones.csv", "--json", *options, "--errors-to", errors))

        row = QueueImport.objects.get()
        assert told == {
            "importId": str(row.pk),
            "rows": 7, "new": 2, "update": 1, "duplicate": 2, "invalid": 2,
            "warnings": {"check_digit_added": 1},
            "errors": {"imei_length": 1, "imei_scientific": 1},
            "queued": 5,
            "batchId": row.batch_id,
        }  # fmt: skip
        item = QueueItem.objects.filter(batch_id=row.batch_id).order_by("id").first()
        assert item.raw_data == {
            "imei": A, "Model": "iPhone 13", "color": "red", "location": "L1",
        }  # fmt: skip
        assert item.priority == 2
        assert errors.read_text("utf-8-sig").splitlines()[1].startswith("12,,,5,imei_length,")
        with pytest.raises(CommandError, match=r"was imported on .* Then say --again"):
            run(folder / "phones.csv")
        assert "queued: 5" in run(folder / "phones.csv", "--again")

    def test_queues_nothing_in_a_dry_run(self, folder):
        told = run(folder / "phones.csv", "--dry-run", "--errors-to", folder / "e.xlsx")

        assert "rows: 7\n" in told
        assert "queued: 0\n" in told
        assert QueueImport.objects.get().status == "cancelled"
        assert (folder / "e.xlsx").read_bytes().startswith(b"PK")
        assert QueueItem.objects.filter(source="file-import").count() == 0

    def test_says_what_it_has_to_be_told(self, folder):
        book, table = folder / "book.xlsx", folder / "table.csv"
        sheets = [Sheet("Mon", ["IMEI"], [[A]]), Sheet("Tue", ["IMEI"], [[B]])]
        book.write_bytes(b"".join(stream_xlsx(sheets)))
        table.write_text(f"Paint,Phone\nred,{A}\nblue,none\n")

        with pytest.raises(CommandError, match="--sheet: Mon, Tue"):
            run(book)
        assert "update: 1\n" in run(book, "--sheet", "Tue")
        with pytest.raises(CommandError, match=r"No header was found(.|\n)*1: Paint \| Phone"):
            run(table)
        assert "new: 1\n" in run(table, "--header-line", "1", "--imei-column", "1")

    @pytest.mark.parametrize(
        ("name", "content", "text"),
        [
            ("missing.csv", None, "cannot be read"),
            ("empty.csv", b"", "The file has no rows"),
            ("picture.png", b"\x89PNG\x00", "The file is not a table"),
            ("list.json", b'[{"imei": "1"}', "broken or breaks off"),
        ],
    )
    def test_refuses_in_words(self, folder, name, content, text):
        if content is not None:
            (folder / name).write_bytes(content)

        with pytest.raises(CommandError, match=text):
            run(folder / name)

    def test_refuses_a_mapping_that_is_none(self, folder):
        for mapping, text in (("[]", "one JSON object"), ("{", "not JSON"), ('{"x": ""}', "'x'")):
            (folder / "map.json").write_text(mapping)
            with pytest.raises(CommandError, match=text):
                run(folder / "phones.csv", "--mapping", folder / "map.json")

    def test_does_not_wait_for_what_is_paused(self, folder):
        pause_job_type("inventory.queueimport", actor=None)

        with pytest.raises(CommandError, match="Imports are paused"):
            run(folder / "phones.csv")
