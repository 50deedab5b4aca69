"""A file of phones in a real browser: sent, asked about, mapped, tried, queued, and sent once more."""

import re

import pytest
from playwright.sync_api import Page, expect

from inventory.models import QueueBatch, QueueImport, QueueItem
from jobs.runner import run_job
from tests.accounts.factories import OrganizationFactory, grant, make_member
from tests.browser.conftest import PHONE
from tests.browser.test_scan_pages import overflow_of
from tests.inventory.factories import A, B

# Nothing names the IMEI, and no column is full of IMEIs.
CONTENT = f"Handset,Paint\n{A},red\n{B},blue\n12,red\nspare,blue\n"
FILE = {"name": "till 3.csv", "mimeType": "text/csv", "buffer": CONTENT.encode()}


@pytest.fixture
def admin(page: Page, sign_in) -> Page:
    organization = OrganizationFactory(name="Harbor Phones")
    member = make_member("viewer", organization=organization, is_staff=True, username="ada")
    sign_in(grant(member, "import_file", "view_queuebatch"))
    return page


def work_off() -> None:
    run_job(QueueImport.objects.get(status="uploaded"))


def expect_reading(page: Page) -> None:
    expect(page.get_by_text("The file is being read")).to_be_visible()


def fits_a_phone(page: Page) -> None:
    size = page.viewport_size
    assert size
    page.set_viewport_size(PHONE)
    assert overflow_of(page) == 0
    page.set_viewport_size(size)


def send(page: Page) -> None:
    page.get_by_label("File", exact=True).set_input_files(FILE)
    # The theme writes the name of a chosen file into a text input: it must not be the place.
    expect(page.get_by_label("Place", exact=True)).not_to_have_attribute("value", re.compile("."))
    page.get_by_role("button", name="Read and check").click()


class TestImport:
    def test_goes_from_a_file_to_a_batch_and_asks_before_it_does_so_again(self, admin) -> None:
        self._send(admin)
        self._answer(admin)
        self._map(admin)
        batch = self._queue(admin)
        self._send_again(admin, batch)

    def _send(self, page: Page) -> None:
        page.goto("/admin/inventory/queueimport/")
        page.get_by_role("link", name="Import a file").click()
        # The page is not loaded anew by an answer: what was filled in stays.
        page.get_by_label("Place").fill("Shelf 1")
        page.get_by_role("button", name="Read and check").click()
        expect(page.get_by_role("alert")).to_contain_text("Choose a file or paste a list.")
        send(page)
        expect_reading(page)
        work_off()

    def _answer(self, page: Page) -> None:
        expect(page.get_by_text("Which line has the headers?")).to_be_visible()
        fits_a_phone(page)
        page.get_by_label("Line 1", exact=True).check()
        page.get_by_role("button", name="Continue").click()
        expect_reading(page)
        work_off()

    def _map(self, page: Page) -> None:
        page.get_by_label("Field of Handset").select_option("IMEI")
        page.get_by_label("Field of Paint").select_option("Color")
        page.get_by_role("button", name="Check again with these fields").click()
        expect_reading(page)
        work_off()

    def _queue(self, page: Page) -> QueueBatch:
        expect(page.get_by_text("2 invalid rows are left out.")).to_be_visible()
        fits_a_phone(page)
        page.get_by_role("button", name="Queue 2 items").click()
        expect(page).to_have_url(re.compile("/admin/inventory/queuebatch/"))
        batch = QueueBatch.objects.get()
        expect(page.get_by_text(batch.batch_id).first).to_be_visible()
        phones = QueueItem.objects.order_by("id").values_list("raw_data", flat=True)
        assert list(phones) == [
            {"imei": A, "color": "red", "location": "Shelf 1"},
            {"imei": B, "color": "blue", "location": "Shelf 1"},
        ]
        return batch

    def _send_again(self, page: Page, batch: QueueBatch) -> None:
        page.goto("/admin/inventory/queueimport/add/")
        send(page)
        expect(page.get_by_role("alert")).to_contain_text(f"as {batch.batch_id}. Import again?")
        fits_a_phone(page)
        page.get_by_label("Import it again").check()
        page.get_by_role("button", name="Read and check").click()
        expect_reading(page)
        assert QueueImport.objects.count() == 2
