"""The analytics page in a real browser: its charts under the policy, and on a phone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from inventory.models import Device, QueueSlice, TacModel
from tests.accounts.factories import OrganizationFactory, UserFactory
from tests.browser.conftest import PHONE
from tests.browser.test_scan_pages import overflow_of
from tests.inventory.factories import A, add, phones, process

PAGE = "/admin/inventory/queueslice/"


@pytest.fixture
def _queue() -> None:
    """A day of work, failures of three causes, and a device of another model than its TAC."""
    organization = OrganizationFactory(name="Demo Warehouse")
    bad = [{"imei": "12"}, {"imei": "13"}, {"imei": "3.5E+14"}, {"serial": "C02XY"}]
    phone = {"imei": A, "brand": "Apple", "model": "iPhone 14"}
    add(organization, phone, *phones(0, 8), *bad, source="scan", now=timezone.now())
    process(organization)
    TacModel.objects.create(organization=organization, tac=A[:8], brand="Apple", model="iPhone 13")
    QueueSlice.objects.bulk_create(
        QueueSlice(
            organization=organization,
            source=["bulk-add", "file-import", "api"][ago % 3],
            finished_at=timezone.now() - timedelta(minutes=25 * ago),
            claimed=200,
            completed=190 - 3 * (ago % 7),
            failed=3 * (ago % 7),
            retried=10,
            wait_ms_sum=200 * 700 * (ago % 11),
            wait_ms_max=1_900 * (ago % 11),
            run_ms=60 + ago % 9,
        )
        for ago in range(1, 50)
    )
    assert Device.objects.count() == 9


@pytest.mark.usefixtures("_queue")
class TestAnalytics:
    def test_shows_charts_leads_on_and_fits_a_phone(self, page: Page, sign_in):
        sign_in(UserFactory(superuser=True, username="ada"))
        page.goto(PAGE)

        chart = page.get_by_role("img", name="Items that ended or are to be retried")
        expect(chart).to_be_visible()
        expect(page.get_by_role("img", name="Average wait of items")).to_be_visible()
        for width in (PHONE, {"width": 1280, "height": 900}):
            page.set_viewport_size(width)
            assert overflow_of(page) == 0

        page.get_by_role("link", name="1 hour").click()
        expect(page.get_by_role("heading", name="Items per minute")).to_be_visible()

        page.get_by_role("link", name="Retry these").first.click()
        expect(page.get_by_role("heading", name="Retry 2 items with imei_length")).to_be_visible()
        page.get_by_label("Reason").fill("Scanner mended")
        page.get_by_role("button", name="Retry these").click()
        expect(page.get_by_text("Retried 2 items with imei_length.")).to_be_visible()
        expect(page.get_by_role("img", name="Items that ended")).to_be_visible()
