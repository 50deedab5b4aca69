"""The command `qr_labels`."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role
from qrtracking.models import Batch, LabelSheet
from qrtracking.services import label_pages
from tests.accounts.factories import make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.labels import read_pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    batch = make_generated_batch(units=100, per_case=50, order_no="ORD-HM-1125-02")
    make_member(Role.OPERATOR, organization=batch.organization, username="packer")
    make_member(Role.MANAGER, organization=batch.organization, username="boss")
    return batch


def run(batch: Batch, folder, *more: str) -> str:
    out = StringIO()
    call_command(
        "qr_labels", "--batch", str(batch.pk), "--output", str(folder), *more, stdout=out
    )  # fmt: skip
    return out.getvalue()


UNITS = ("--kind", "unit", "--from", "1", "--to", "70")


class TestQrLabels:
    def test_writes_a_checked_file_into_the_folder(self, batch, tmp_path):
        facts = json.loads(run(batch, tmp_path / "labels", *UNITS, "--json"))

        target = tmp_path / "labels" / "Labels_ORD-HM-1125-02_units_1-70.pdf"
        assert facts["file"] == str(target)
        assert (facts["status"], facts["labels"], facts["pages"]) == ("completed", 70, 2)
        assert facts["bytes"] == target.stat().st_size
        assert [len(page) for page in read_pdf(target.read_bytes())] == [65, 5]
        sheet = LabelSheet.objects.get(pk=facts["sheet_id"])
        assert sheet.created_by.username == "boss"
        batch.refresh_from_db()
        assert batch.status == "printing"

    def test_tells_people_a_line_a_fact(self, batch, tmp_path):
        assert "labels: 70\npages: 2\n" in run(batch, tmp_path, *UNITS)

    def test_takes_layout_and_copies(self, batch, tmp_path):
        case = ("--kind", "case", "--from", "2", "--to", "2")

        run(batch, tmp_path, *case, "--layout", "zpl", "--copies", "3")

        text = (tmp_path / "Labels_ORD-HM-1125-02_case_2.zpl").read_text()
        assert text.count("^XA") == 3

    def test_fails_in_the_words_of_a_refusal(self, batch, tmp_path):
        with pytest.raises(CommandError, match="unit numbers from 1 to 100"):
            run(batch, tmp_path, "--kind", "unit", "--from", "1", "--to", "101")

        with pytest.raises(CommandError, match="No such member"):
            run(batch, tmp_path, *UNITS, "--user", "packer")

    def test_fails_in_the_words_of_the_job(self, batch, tmp_path, monkeypatch):
        monkeypatch.setattr(label_pages, "is_readable", lambda *_: False)

        with pytest.raises(CommandError, match="Page 1 could not be read back"):
            run(batch, tmp_path, *UNITS)

        assert list(tmp_path.iterdir()) == []

    def test_leaves_a_sheet_that_somebody_else_works_on(self, batch, tmp_path, monkeypatch):
        monkeypatch.setattr("qrtracking.management.commands.qr_labels.run_job", lambda _: None)

        with pytest.raises(CommandError, match="Another worker has this sheet"):
            run(batch, tmp_path, *UNITS)

    def test_says_that_a_folder_cannot_be_written(self, batch, tmp_path):
        (tmp_path / "taken").write_text("")

        with pytest.raises(CommandError, match="cannot be written"):
            run(batch, tmp_path / "taken", *UNITS)
