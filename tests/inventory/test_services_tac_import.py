import io

import pytest

from accounts.errors import DomainError
from inventory.models import Device, TacModel
from inventory.services.tac_import import import_tacs
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import add, imei_of, phones, process

pytestmark = pytest.mark.django_db

HEADER = "tac,brand,model\n"


@pytest.fixture
def organization():
    return OrganizationFactory()


@pytest.fixture
def take(organization):
    def call(text, encoding="utf-8"):
        file = io.BytesIO(text.encode(encoding))
        return import_tacs(organization_id=organization.pk, file=file)

    return call


class TestImportTacs:
    def test_takes_rows_as_confirmed_and_suggests_them(self, organization, take):
        add(organization, *phones(1, 2))
        process(organization)
        TacModel.objects.create(
            organization=organization, tac="35000000", brand="Apple", model="Learned"
        )

        count = take("TAC;Note;Model;Brand\r\n35000000;;Éclair;Häagen\r\n\r\n35123457;x;B;A\r\n")

        assert count == 2
        rows = TacModel.objects.order_by("tac").values_list("brand", "model", "confirmed")
        assert list(rows) == [("Häagen", "Éclair", True), ("A", "B", True)]
        suggested = Device.objects.get(imei=imei_of(1)).suggested
        assert suggested == {"brand": "Häagen", "model": "Éclair"}

    def test_reads_what_windows_writes_and_lets_the_last_row_win(self, take):
        text = f"{HEADER}35123456,Häagen,1\n35123456,Häagen,2\n"

        assert take(text, "utf-16") == 1
        assert TacModel.objects.get().model == "2"

    def test_refuses_letters_that_cannot_be_kept(self, take):
        with pytest.raises(DomainError, match="Line 2:"):
            take(f"{HEADER}35123456,Ap\0ple,B\n", "utf-16")

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "needs the columns"),
            ("a,b\n1,2\n", "needs the columns"),
            (f"{HEADER}35123456,A,B\n\n1,A,B\n", "Line 4:"),
            (f"{HEADER}35123456,,B\n", "Line 2:"),
            (f"{HEADER}35123456\n", "Line 2:"),
            (f"{HEADER}35123456,A,{'x' * 101}\n", "Line 2:"),
            (f"{HEADER}٣٥١٢٣٤٥٦,A,B\n", "Line 2:"),
            ("%PDF-1.7", "not a table"),
        ],
    )
    def test_refuses_other_files_whole(self, take, text, reason):
        with pytest.raises(DomainError, match=reason):
            take(text)

        assert not TacModel.objects.exists()
