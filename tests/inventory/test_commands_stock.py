"""The commands about devices: TACs in, stock out."""

import csv
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from inventory.models import TacModel
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import A, add, phones, process

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return OrganizationFactory(slug="north-hall")


def run(name: str, *arguments: str) -> dict:
    out = StringIO()
    call_command(name, *arguments, "--organization", "north-hall", "--json", stdout=out)
    return json.loads(out.getvalue())


class TestLearnTacs:
    def test_learns_from_stock(self, organization):
        known = [{**phone, "brand": "Apple", "model": "iPhone 13"} for phone in phones(1, 7)]
        add(organization, *known)
        process(organization)

        assert run("learn_tacs") == {"learned": 1}
        assert TacModel.objects.get().model == "iPhone 13"


class TestImportTacs:
    def test_takes_a_file(self, organization, tmp_path):
        file = tmp_path / "tacs.csv"
        file.write_text("tac,brand,model\n35693803,Nokia,3310\n", encoding="utf-8-sig")

        assert run("import_tacs", str(file)) == {"imported": 1}
        assert TacModel.objects.get().confirmed

    @pytest.mark.parametrize(
        ("content", "reason"),
        [(b"tac,brand\n", "needs the columns"), (b"%PDF-1.7", "is not a table")],
    )
    def test_refuses_other_files(self, organization, tmp_path, content, reason):
        file = tmp_path / "tacs.csv"
        file.write_bytes(content)

        with pytest.raises(CommandError, match=reason):
            run("import_tacs", str(file))


class TestExportDevices:
    def test_writes_every_device(self, organization, tmp_path):
        add(organization, *phones(1, 4), {"imei": A, "location": "L1"})
        process(organization)
        file = tmp_path / "devices.csv"

        facts = run("export_devices", "--format", "csv", "--to", str(file))

        assert facts == {"file": str(file), "devices": 4}
        rows = list(csv.DictReader(StringIO(file.read_text(encoding="utf-8-sig"))))
        assert {row["IMEI"]: row["Location"] for row in rows}[A] == "L1"

    def test_writes_spreadsheets_unless_told_otherwise(self, organization, tmp_path):
        file = tmp_path / "devices.xlsx"

        assert run("export_devices", "--to", str(file))["devices"] == 0
        assert file.read_bytes().startswith(b"PK")

    def test_says_that_it_cannot_write(self, organization, tmp_path):
        with pytest.raises(CommandError, match="cannot be written"):
            run("export_devices", "--to", str(tmp_path / "none" / "devices.xlsx"))
