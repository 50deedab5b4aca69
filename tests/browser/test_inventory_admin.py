"""The admin's pages of the queue in a real browser: one long day of somebody who looks after it."""

import re

import pytest
from playwright.sync_api import Page, expect

from inventory.models import QueueBatch, QueueItem
from inventory.services.cancelling import cancel_items
from tests.accounts.factories import OrganizationFactory, UserFactory
from tests.browser.conftest import PHONE
from tests.browser.test_scan_pages import overflow_of
from tests.inventory.factories import A, add, phones, process

QUEUE = "/admin/inventory/queuecontrol/"
ITEMS = "/admin/inventory/queueitem/"
BATCHES = "/admin/inventory/queuebatch/"


@pytest.fixture
def organization():
    return OrganizationFactory(name="Harbor Phones")


@pytest.fixture
def batch(organization):
    """Two completed, two failed, one pending."""
    batch = add(
        organization, *phones(1, 3), {"imei": "12"}, {"imei": "13"}, {"imei": A}, undoable=True
    )
    process(organization, limit=4)
    return batch


@pytest.fixture
def admin(page: Page, sign_in, batch) -> Page:
    sign_in(UserFactory(superuser=True, username="ada"))
    return page


def counter(page: Page, name: str):
    """The number under this name."""
    return page.locator(".job-counters div", has=page.get_by_text(name, exact=True)).locator("dd")


def stop_with_a_reason(admin):
    admin.goto(QUEUE)
    expect(counter(admin, "Failed")).to_have_text("2")
    admin.get_by_role("link", name="Stop").click()
    admin.get_by_label("Reason").fill("Stock-taking")
    admin.get_by_role("button", name="Stop").click()
    expect(admin.get_by_text("Queue processing stopped. Reason: Stock-taking")).to_be_visible()


def see_what_came_in_and_start(admin, organization):
    add(organization, *phones(7, 9))
    expect(counter(admin, "Due")).to_have_text("3")
    admin.get_by_role("link", name="Start").click()
    admin.get_by_role("button", name="Start").click()
    expect(admin.get_by_text("ada Queue processing started.")).to_be_visible()


def follow_to_the_end(admin, organization, batch):
    admin.goto(BATCHES)
    admin.get_by_role("link", name=batch.batch_id).click()
    expect(admin.get_by_text("updated every 2 seconds")).to_be_visible()
    process(organization)
    expect(counter(admin, "Completed")).to_have_text("3")
    expect(admin.get_by_text("updated every 2 seconds")).to_have_count(0)
    assert admin.locator("#job-live").get_attribute("hx-get") is None


def correct_an_example(admin):
    admin.get_by_role("link", name=re.compile(r"^item \d+$")).click()
    expect(admin.get_by_role("alert")).to_contain_text("IMEI must have 15 digits, got 2")
    admin.get_by_role("link", name="Correct and queue again").click()
    admin.get_by_label("imei", exact=True).fill("356938035643809")
    admin.get_by_role("button", name="Queue the corrected item").click()
    expect(admin.get_by_text("stays failed.")).to_be_visible()
    admin.get_by_role("link", name="Process now").click()
    admin.get_by_role("button", name="Process now").click()
    expect(admin.get_by_role("heading", name="Device in stock")).to_be_visible()


def retry_all_that_failed(admin):
    admin.goto(ITEMS)
    expect(admin.get_by_text("2 queue items")).to_be_visible()
    admin.locator("#action-toggle").check()
    admin.locator("select[name=action]").select_option("retry_selected")
    admin.locator("button[name=index]").click()
    expect(admin.get_by_text("Retry: 2 of 2 chosen queue items.")).to_be_visible()
    admin.get_by_role("button", name="Retry").click()
    expect(admin.get_by_text("2 queue items queued again.")).to_be_visible()


def undo_after_a_look(admin, organization, batch):
    items = QueueItem.objects.pending().filter(batch_id=batch.batch_id).order_by("id")
    ids = list(items.values_list("pk", flat=True))
    cancel_items(organization_id=organization.pk, ids=ids, actor=None)
    admin.goto(f"{BATCHES}{batch.pk}/change/")
    admin.get_by_role("link", name="Undo").click()
    expect(admin.get_by_text("Devices deleted")).to_be_visible()
    admin.get_by_role("button", name="Undo").click()
    expect(admin.get_by_text("undone: 3 devices deleted")).to_be_visible()


class TestDay:
    def test_switches_follows_corrects_retries_and_undoes(self, admin, organization, batch):
        stop_with_a_reason(admin)
        see_what_came_in_and_start(admin, organization)
        follow_to_the_end(admin, organization, batch)
        correct_an_example(admin)
        retry_all_that_failed(admin)
        undo_after_a_look(admin, organization, batch)

        assert QueueBatch.objects.get(pk=batch.pk).undone_at is not None


class TestPhone:
    @pytest.fixture
    def viewport(self):
        return PHONE

    def test_no_page_is_wider_than_the_screen(self, admin, batch):
        failed = QueueItem.objects.failed().order_by("id")[0]
        pages = [
            QUEUE,
            f"{ITEMS}?status=failed",
            f"{ITEMS}{failed.pk}/change/",
            f"{ITEMS}{failed.pk}/correct/",
            BATCHES,
            f"{BATCHES}{batch.pk}/change/",
            f"{BATCHES}{batch.pk}/undo/",
            "/admin/inventory/queuearchive/",
        ]
        for address in pages:
            admin.goto(address)
            assert overflow_of(admin) == 0, address
