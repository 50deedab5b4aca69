import pytest

from inventory.models import Device, TacModel
from inventory.selectors.device_detail import get_device_detail
from inventory.services.clearing import clear_completed
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import A, B, add, process

pytestmark = pytest.mark.django_db


def detail_of(organization, imei=A):
    return get_device_detail(Device.objects.get(organization=organization, imei=imei))


class TestGetDeviceDetail:
    def test_tells_where_it_came_from_and_has_been(self, organization):
        for place in ("L1", "L2"):
            add(organization, {"imei": A, "location": place, "working": "YES"})
        stranger = OrganizationFactory()
        for other in (organization, stranger):
            process(other) if other is organization else add(other, {"imei": A})
        process(stranger)

        detail = detail_of(organization)

        assert [test.test_result for test in detail.tests] == ["PASSED", "PASSED"]
        moves = [(str(m.from_location), str(m.to_location)) for m in detail.movements]
        assert moves == [("L1", "L2"), ("None", "L1")]
        assert len(detail.items) == 2
        assert detail.items[0].pk > detail.items[1].pk
        assert (detail.tac, detail.differs_from_tac, detail.expected_digit) == (None, False, None)

    def test_finds_items_that_are_archived(self, organization):
        add(organization, {"imei": A})
        process(organization)
        clear_completed(organization_id=organization.pk)

        detail = detail_of(organization)

        assert (detail.items, [row.imei for row in detail.archived]) == ([], [A])

    def test_links_phones_that_share_an_imei(self, organization):
        add(organization, {"imei": A, "imei2": B}, {"imei": B})
        process(organization)

        first, second = detail_of(organization), detail_of(organization, B)

        assert (first.second.imei, first.second_of) == (B, [])
        assert (second.second, [device.imei for device in second.second_of]) == (None, [A])

    def test_tells_of_another_model_than_its_type_has_and_of_a_wrong_digit(self, organization):
        wrong = "356938035643808"
        add(organization, {"imei": wrong, "model": "iPhone 13"}, {"imei": A})
        process(organization)
        for imei in (wrong, A):
            TacModel.objects.create(
                organization=organization, tac=imei[:8], brand="Apple", model="Galaxy"
            )

        detail = detail_of(organization, wrong)

        assert (detail.tac.model, detail.differs_from_tac) == ("Galaxy", True)
        assert detail.expected_digit == "9"
        assert not detail_of(organization, A).differs_from_tac

    def test_reads_in_few_statements(self, organization, django_assert_max_num_queries):
        add(organization, {"imei": A})
        process(organization)
        device = Device.objects.get()

        with django_assert_max_num_queries(8):
            get_device_detail(device)
