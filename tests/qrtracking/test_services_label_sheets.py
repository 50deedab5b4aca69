"""Asking for labels and handing files out, beyond what the API's tests show."""

import pytest

from accounts.models import Role
from qrtracking.errors import labels as label_errors
from qrtracking.models import Batch, LabelSheet
from qrtracking.services.label_sheets import create_all_sheets, file_name, open_label_file
from tests.accounts.factories import UserFactory, grant, make_member
from tests.qrtracking.factories import LabelSheetFactory, make_generated_batch
from tests.qrtracking.labels import make_sheet, with_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    return make_generated_batch(units=20, per_case=10, order_no="ORD-1")


class TestCreateLabelSheet:
    @pytest.mark.parametrize(
        ("wish", "error"),
        [
            ({"kind": "units"}, label_errors.LabelKindInvalid),
            ({"layout": "a3"}, label_errors.LabelLayoutInvalid),
            ({"kind": "case", "to_number": 2, "copies": 12}, label_errors.CopiesInvalid),
            ({"from_number": 0}, label_errors.LabelRangeInvalid),
        ],
    )
    def test_refuses_what_it_does_not_know(self, batch, wish, error):
        with pytest.raises(error):
            make_sheet(batch, **wish)

        assert not LabelSheet.objects.exists()


class TestCreateAllSheets:
    def test_gives_sheets_their_room_for_extra_stickers(self, batch):
        batch.order.extra_qr_master = 10
        batch.order.save()
        Batch.objects.update(total_master_codes=4_000)
        batch = Batch.objects.select_related("order").get()
        boss = make_member(Role.MANAGER, organization=batch.organization)

        create_all_sheets(actor=boss, batch=batch)

        cases = LabelSheet.objects.filter(kind="case").order_by("from_number")
        assert list(cases.values_list("from_number", "to_number", "label_count")) == [
            (1, 1_818, 19_998),
            (1_819, 3_636, 19_998),
            (3_637, 4_000, 4_004),
        ]

    def test_makes_all_or_none(self, batch):
        operator = make_member(Role.OPERATOR, organization=batch.organization)

        with pytest.raises(Exception, match="Your role does not allow this action"):
            create_all_sheets(actor=operator, batch=batch)

        assert not LabelSheet.objects.exists()


class TestOpenLabelFile:
    def test_for_staff_begins_the_printing(self, batch):
        sheet = with_file(LabelSheetFactory(batch=batch))

        open_label_file(sheet=sheet, actor=grant(UserFactory(staff=True), "generate_batch")).close()

        batch.refresh_from_db()
        assert batch.status == "printing"


class TestFileName:
    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({}, "Labels_ORD-1_units_1-5.pdf"),
            ({"to_number": 1}, "Labels_ORD-1_unit_1.pdf"),
            ({"kind": "case", "from_number": 7, "to_number": 7}, "Labels_ORD-1_case_7.pdf"),
            ({"kind": "spare", "layout": "zpl"}, "Labels_ORD-1_spares_1-5.zpl"),
        ],
    )
    def test_tells_order_kind_and_numbers(self, batch, fields, name):
        assert file_name(LabelSheetFactory(batch=batch, **fields)) == name
