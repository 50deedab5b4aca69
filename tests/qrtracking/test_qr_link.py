import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from qrtracking.models import ScanEvent
from tests.accounts.factories import make_member
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import prepare, sequences_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch():
    return make_generated_batch(units=500)


@pytest.fixture
def packer(batch):
    return make_member(organization=batch.organization, username="packer")


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("qr_link", *arguments, stdout=out)
    return out.getvalue()


class TestQrLink:
    def test_links_cases_one_after_the_other(self, batch, packer):
        prepare(batch)

        facts = json.loads(run("--batch", str(batch.pk), "--cases", "1-2,5", "--json"))

        assert (facts["linked_cases"], facts["linked_count"], facts["failed"]) == (3, 300, 0)
        assert [case["case_number"] for case in facts["cases"]] == [1, 2, 5]
        assert facts["cases"][0]["linked_count"] == 100
        assert facts["cases"][0]["is_complete"]
        assert sequences_in(batch, 5) == [*range(201, 301)]
        assert set(ScanEvent.objects.values_list("actor", flat=True)) == {packer.pk}

    def test_takes_fewer_units_and_only_those_of_the_case(self, batch, packer):
        prepare(batch)

        run("--batch", str(batch.pk), "--cases", "3", "--units", "40", "--same-case")

        assert sequences_in(batch, 3) == [*range(201, 241)]

    def test_goes_on_after_a_failure_and_ends_with_an_error(self, batch, packer):
        prepare(batch, last=100)
        out = StringIO()

        with pytest.raises(CommandError, match="2 of 3 cases failed") as failed:
            call_command(
                "qr_link", "--batch", str(batch.pk), "--cases", "1,2,9", "--json", stdout=out
            )

        assert failed.value.returncode == 1
        linked, empty, unknown = json.loads(out.getvalue())["cases"]
        assert linked["success"]
        assert (empty["success"], empty["code"]) == (False, "queue_empty")
        assert unknown["error"] == "Master code not found or not part of this batch"

    def test_writes_lines_for_people(self, batch, packer):
        prepare(batch, last=150)

        text = run("--batch", str(batch.pk), "--cases", "1-2")

        assert text.splitlines() == [
            "Case #1: 100 units",
            "Case #2: 50 units",
            "150 units in 2 cases",
        ]

    def test_links_in_the_name_of_a_member(self, batch, packer):
        manager = make_member("manager", organization=batch.organization, username="boss")
        prepare(batch)

        run("--batch", str(batch.pk), "--cases", "1", "--user", "boss")

        assert ScanEvent.objects.get().actor == manager

    def test_refuses_a_user_of_another_organization(self, batch, packer):
        make_member(username="stranger")

        with pytest.raises(CommandError):
            run("--batch", str(batch.pk), "--cases", "1", "--user", "stranger")
