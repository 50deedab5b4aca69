import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from jobs.services import pause_job_type
from qrtracking.models import Batch, PackingPlan, ScanEvent
from tests.accounts.factories import make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.plans import lines
from tests.qrtracking.queue import case_of, sequences_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    return make_generated_batch(units=20, per_case=10)


@pytest.fixture
def packer(batch):
    return make_member(organization=batch.organization, username="packer")


@pytest.fixture
def file(batch, tmp_path):
    path = tmp_path / "plan.csv"
    path.write_text(f"Case,Units\n{lines(batch, {1: ['1-10', 'zzz'], 2: [11]})}\n")
    return path


def run(batch, file, *arguments: str) -> str:
    out = StringIO()
    call_command(
        "qr_import_plan", "--batch", str(batch.pk), "--file", str(file), *arguments, stdout=out
    )
    return out.getvalue()


class TestQrImportPlan:
    def test_only_checks(self, batch, packer, file):
        facts = json.loads(run(batch, file, "--json"))

        plan = PackingPlan.objects.get()
        assert facts.pop("refused_rows") == [
            {
                "row": 2,
                "master": case_of(batch, 1).master_code,
                "unit": "zzz",
                "reason": "not_found",
                "text": "Unknown code",
            }
        ]
        assert facts == {
            "plan_id": str(plan.pk), "phase": "check", "status": "completed", "rows": 2,
            "ready": 11, "refused": 1, "packed": 0, "cases": 2, "reasons": {"not_found": 1},
        }  # fmt: skip
        assert (plan.file_name, plan.created_by) == ("plan.csv", packer)
        assert not ScanEvent.objects.exists()

    def test_packs_with_apply(self, batch, packer, file):
        facts = json.loads(run(batch, file, "--apply", "--json"))

        assert (facts["phase"], facts["status"], facts["packed"]) == ("apply", "completed", 11)
        assert sequences_in(batch, 1) == list(range(1, 11))
        assert set(ScanEvent.objects.values_list("actor", flat=True)) == {packer.pk}

    def test_takes_units_planned_for_other_cases_when_told(self, batch, packer, tmp_path):
        file = tmp_path / "plan.tsv"
        file.write_text("CASE:1\t11\n")

        strict = json.loads(run(batch, file, "--json"))
        lenient = json.loads(run(batch, file, "--skip-case-validation", "--json"))

        assert (strict["ready"], lenient["ready"]) == (0, 1)

    def test_writes_lines_for_people(self, batch, packer, file):
        text = run(batch, file)

        assert "ready: 11" in text.splitlines()
        assert "phase: check" in text.splitlines()

    def test_ends_with_an_error_when_nothing_can_be_applied(self, batch, packer, tmp_path):
        file = tmp_path / "plan.csv"
        file.write_text("CASE:1,zzz\n")

        with pytest.raises(CommandError, match="No unit of this packing plan can be packed"):
            run(batch, file, "--apply")

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "The packing plan is empty"),
            (b"%PDF-1.7", "The file is not a table"),
            (b"PK\x03\x04x", "The file is not a table"),
        ],
    )
    def test_says_what_is_wrong_with_the_file(self, batch, packer, tmp_path, content, message):
        file = tmp_path / "plan.csv"
        file.write_bytes(content)

        with pytest.raises(CommandError, match=message):
            run(batch, file)

    def test_says_that_there_is_no_such_file_or_batch(self, batch, packer, tmp_path):
        with pytest.raises(CommandError, match="cannot be read"):
            run(batch, tmp_path / "missing.csv")
        with pytest.raises(CommandError, match="There is no batch"):
            call_command(
                "qr_import_plan", "--batch", str(packer.pk), "--file", str(tmp_path / "x.csv")
            )

    def test_does_not_go_on_while_plans_are_paused(self, batch, packer, file):
        pause_job_type("qrtracking.packingplan", actor=None)

        with pytest.raises(CommandError, match="its type is paused"):
            run(batch, file)
