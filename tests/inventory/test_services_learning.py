import pytest

from inventory import errors
from inventory.models import Device, SkuInfo, TacModel
from inventory.rules.imei import check_digit
from inventory.services.learning import (
    accept_suggestion,
    learn_all_tacs,
    learn_tacs,
)
from jobs.schedules import get_schedule
from tests.inventory.factories import NOW, add, process

pytestmark = pytest.mark.django_db

TAC = "35123456"


def phone(number, **values):
    body = f"{TAC}{number:06d}"
    return {"imei": body + check_digit(body), **values}


@pytest.fixture
def seen(organization):
    def call(good, other=0):
        items = [phone(n, brand="Apple", model="iPhone 13") for n in range(good)]
        items += [phone(500 + n, brand="Apple", model="iPhone 14") for n in range(other)]
        if items:
            add(organization, *items)
            process(organization)

    return call


class TestLearnTacs:
    @pytest.mark.parametrize(("good", "other"), [(5, 0), (8, 2), (80, 20)])
    def test_believes_a_majority(self, organization, seen, good, other):
        seen(good, other)

        learn_all_tacs()

        learned = TacModel.objects.get()
        assert (learned.tac, learned.brand, learned.model) == (TAC, "Apple", "iPhone 13")
        assert (learned.device_count, learned.confirmed) == (good, False)

    @pytest.mark.parametrize(("good", "other"), [(4, 0), (7, 3), (0, 0)])
    def test_believes_no_less(self, organization, seen, good, other):
        seen(good, other)

        assert learn_tacs(organization_id=organization.pk) == 0
        assert not TacModel.objects.exists()

    def test_counts_neither_assumed_models_nor_wrong_check_digits(self, organization):
        wrong = [phone(n, brand="Apple", model="iPhone 13") for n in range(6)]
        for item in wrong:
            item["imei"] = item["imei"][:14] + str((int(item["imei"][14]) + 1) % 10)
        add(organization, *wrong, *[phone(100 + n) for n in range(6)])
        process(organization)

        assert learn_tacs(organization_id=organization.pk) == 0

    def test_forgets_what_is_no_majority_any_more_but_not_what_is_confirmed(
        self, organization, seen
    ):
        seen(5)
        learn_tacs(organization_id=organization.pk)
        TacModel.objects.create(
            organization=organization, tac="99999999", brand="X", model="Y", confirmed=True
        )
        seen(0, 5)

        learn_tacs(organization_id=organization.pk)

        assert TacModel.objects.get().tac == "99999999"

    def test_runs_every_hour(self):
        assert get_schedule("inventory_learn_tacs").minutes == 60


class TestAcceptSuggestion:
    def test_writes_only_what_somebody_has_accepted(self, organization, seen):
        seen(5)
        unknown = phone(90)
        add(organization, unknown)
        process(organization)
        learn_tacs(organization_id=organization.pk)
        device = Device.objects.get(imei=unknown["imei"])
        assert device.suggested == {"brand": "Apple", "model": "iPhone 13"}
        assert SkuInfo.objects.get(pk=device.pk).model == "Unknown Model"

        accept_suggestion(organization_id=organization.pk, actor=None, imei=device.imei, now=NOW)

        device.refresh_from_db()
        assert (device.name, device.sku, device.suggested) == ("iPhone 13", "IPHONE13", None)
        assert not {"brand", "model", "name"} & set(device.assumed)
        assert (device.manual_changed_at, device.status) == (NOW, "active")
        with pytest.raises(errors.NothingSuggested):
            accept_suggestion(
                organization_id=organization.pk, actor=None, imei=device.imei, now=NOW
            )

    def test_tells_of_another_model_than_the_learned_one(self, organization, seen):
        seen(5)
        learn_tacs(organization_id=organization.pk)
        add(organization, phone(91, model="Galaxy"))

        _, (outcome,) = process(organization)

        assert [note.code for note in outcome.notes] == ["model_differs_from_tac"]
