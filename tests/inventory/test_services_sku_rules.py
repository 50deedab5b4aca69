import pytest

from inventory.models import Device, SkuInfo, SkuRule, StockJob
from inventory.services import sku_rules
from inventory.services.sku_rules import preview_sku_rules, submit_sku_rules
from jobs.runner import run_job
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import add, imei_of, process

pytestmark = pytest.mark.django_db


class TestSubmitSkuRules:
    def test_gives_devices_that_are_there_the_sku_of_the_rules(self, organization, monkeypatch):
        monkeypatch.setattr(sku_rules, "CHUNK", 3)
        items = [{"imei": imei_of(n), "model": f"Phone {n % 2}"} for n in range(1, 10)]
        add(organization, *items, {"imei": imei_of(20), "model": "Phone 1", "sku": "MINE"})
        process(organization)
        SkuRule.objects.create(
            organization=organization, position=1, match_model="phone 1", sku="ONE"
        )

        preview = preview_sku_rules(organization_id=organization.pk)
        assert (preview.looked_at, preview.changing, preview.is_whole) == (9, 5, True)
        assert preview.examples[0] == (imei_of(1), "PHONE1", "ONE")
        assert not preview_sku_rules(organization_id=organization.pk, most=3).is_whole
        job = run_job(submit_sku_rules(organization_id=organization.pk, actor=None))

        assert (job.status, job.result_summary, job.row_count) == ("completed", {"changed": 5}, 5)
        assert Device.objects.filter(sku="ONE").count() == 5
        assert SkuInfo.objects.filter(sku="ONE", sku_source="rule").count() == 5
        assert Device.objects.get(imei=imei_of(20)).sku == "MINE"
        assert preview_sku_rules(organization_id=organization.pk).changing == 0

    def test_touches_nobody_elses_devices(self, organization):
        other = OrganizationFactory()
        add(other, {"imei": imei_of(1), "model": "Phone"})
        process(other)
        SkuRule.objects.create(organization=organization, position=1, sku="ALL")

        run_job(submit_sku_rules(organization_id=organization.pk, actor=None))

        assert Device.objects.get().sku == "PHONE"
        assert StockJob.objects.get().result_summary == {"changed": 0}
