import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command
from python_calamine import CalamineWorkbook

from tests.qrtracking.api import NOBODY
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import prepare

pytestmark = pytest.mark.django_db


@pytest.fixture
def job():
    return prepare(make_generated_batch(units=20, per_case=10), last=5)


def export(job_id, path, *arguments):
    out = io.StringIO()
    call_command(
        "qr_export_prepared", "--job", str(job_id), "--output", str(path), *arguments, stdout=out
    )
    return out.getvalue()


class TestQrExportPrepared:
    def test_writes_a_workbook(self, job, tmp_path):
        path = tmp_path / "codes.xlsx"

        export(job.pk, path)

        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        assert [row[0] for row in rows] == ["Sequence", 1, 2, 3, 4, 5]

    def test_writes_csv(self, job, tmp_path):
        path = tmp_path / "codes.csv"

        export(job.pk, path, "--format", "csv")

        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
        assert [row[0] for row in rows] == ["Sequence", "1", "2", "3", "4", "5"]

    def test_tells_programs_what_it_wrote(self, job, tmp_path):
        path = tmp_path / "codes.csv"

        facts = json.loads(export(job.pk, path, "--format", "csv", "--json"))

        assert facts == {
            "job_id": str(job.pk),
            "format": "csv",
            "output": str(path),
            "bytes": path.stat().st_size,
        }

    def test_replaces_the_file_and_leaves_no_other(self, job, tmp_path):
        path = tmp_path / "codes.csv"
        path.write_text("old")

        export(job.pk, path, "--format", "csv")

        assert list(tmp_path.iterdir()) == [path]
        assert path.read_bytes().startswith(b"\xef\xbb\xbfSequence")

    def test_refuses_an_unknown_job(self, tmp_path):
        with pytest.raises(CommandError, match="There is no job"):
            export(NOBODY, tmp_path / "codes.csv")

    def test_says_that_a_file_cannot_be_written(self, job, tmp_path):
        with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
            export(job.pk, tmp_path / "missing" / "codes.csv")
