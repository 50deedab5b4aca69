"""Import packing plan in a real browser: upload, dry run, apply; with and without JavaScript."""

import io
from threading import Thread

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from accounts.models import Role
from jobs.runner import run_due_jobs
from qrtracking.models import Batch, MasterCode, UnitCode
from tables.streaming import Sheet, stream_xlsx
from tests.accounts.factories import OrganizationFactory, make_member
from tests.browser.conftest import PHONE
from tests.browser.test_scan_pages import code_of, label_of, overflow_of, small_targets_of
from tests.qrtracking.factories import make_generated_batch

SCRIPTS = pytest.mark.parametrize(
    "has_javascript", [True, False], ids=["javascript", "no-javascript"]
)


@pytest.fixture
def batch() -> Batch:
    organization = OrganizationFactory(name="Harbor Tea Works")
    return make_generated_batch(
        units=40, per_case=10, order_no="ORD-HM-1125-02", organization=organization
    )


@pytest.fixture
def plan(page: Page, sign_in, batch: Batch) -> Page:
    sign_in(make_member(Role.MANAGER, organization=batch.organization, username="mara"))
    page.goto(f"/scan/b/{batch.pk}/")
    page.get_by_role("link", name="Import packing plan").click()
    return page


def rows_of(batch: Batch) -> list[list[str]]:
    """Cases 1 and 2 with one unknown unit, one that both name, and a row of another order."""
    first = [code_of(batch, number) for number in range(1, 10)]
    second = [code_of(batch, number) for number in range(11, 21)]
    return [
        ["Case", "Units"],
        [label_of(batch, 1), *first, "PROD-TEA100-MINT-NOBODY-KNOWS-ME"],
        [label_of(batch, 2), *second],
        ["MASTER-ORD-HM-0000-99-CASE-001-000000000000", code_of(batch, 30)],
    ]


def workbook(rows: list[list[str]]) -> bytes:
    return b"".join(stream_xlsx([Sheet("Plan", rows[0], rows[1:])]))


def work() -> None:
    """What a worker does, in a thread of its own as the browser's test has an event loop."""

    def run() -> None:
        run_due_jobs()
        connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join(30)


def upload(page: Page, name: str, content: bytes) -> None:
    page.get_by_label("File").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    page.get_by_role("button", name="Check the plan").click()


class TestImport:
    @SCRIPTS
    def test_shows_a_dry_run_of_a_workbook_and_packs_it(self, plan, batch, has_javascript):
        upload(plan, "line-3.xlsx", workbook(rows_of(batch)))
        expect(plan.locator("#plan-progress")).to_contain_text("Waits to be checked")
        work()
        if not has_javascript:
            plan.get_by_role("link", name="Show the newest numbers").click()

        expect(plan.locator("#plan-figures")).to_contain_text("19")
        expect(plan.locator("#result-refused")).to_contain_text("Unknown code")
        expect(plan.locator("#counts")).to_have_text("0 of 40 units · 0 of 4 cases")
        assert not UnitCode.objects.exclude(master_code=None).exists()

        plan.get_by_role("button", name="Apply 2 cases").click()
        expect(plan.locator("#plan-progress")).to_contain_text("Packing: 0 of 19 units")
        work()
        if not has_javascript:
            plan.get_by_role("link", name="Show the newest numbers").click()

        expect(plan.locator("#plan-figures")).to_contain_text("Units packed")
        expect(plan.locator("#counts")).to_have_text("19 of 40 units · 1 of 4 cases")
        expect(plan.locator(".batch-head progress")).to_have_attribute("value", "36")
        expect(plan.get_by_role("button", name="Apply 2 cases")).to_have_count(0)
        assert MasterCode.objects.get(batch=batch, case_number=2).status == "packed"

    @SCRIPTS
    def test_takes_pasted_rows(self, plan, batch, has_javascript):
        plan.get_by_label("Or paste rows").fill("CASE:3\t21\t22\nCASE:3\t23\nCASE:4\t21")
        plan.get_by_role("button", name="Check the plan").click()
        work()
        plan.reload()

        expect(plan.locator("#reasons")).to_contain_text("2 Named in several rows")
        plan.get_by_role("link", name="Rows", exact=False).first.click()
        expect(plan.locator("#result-rows")).to_contain_text("Row 1 Case #3")

    def test_downloads_the_result(self, plan, batch):
        plan.get_by_label("Or paste rows").fill("CASE:3\t21\tzzz")
        plan.get_by_role("button", name="Check the plan").click()
        work()
        plan.reload()

        with plan.expect_download() as download:
            plan.get_by_role("link", name="Download as Excel").click()

        assert download.value.suggested_filename.startswith("Packing_Plan_ORD-HM-1125-02_")
        with io.FileIO(download.value.path()) as file:
            assert file.read(2) == b"PK"


class TestRefusal:
    @pytest.fixture
    def forgiven(self):
        return ["status of 400"]

    def test_says_why_a_file_cannot_be_read(self, plan):
        upload(plan, "photo.csv", b"\x89PNG\r\n\x1a\n\x00\x00")

        expect(plan.get_by_role("alert")).to_contain_text("The file is not a table.")


class TestPhone:
    @pytest.fixture
    def viewport(self):
        return PHONE

    def test_nothing_is_cut_off_and_every_target_is_big(self, plan, batch):
        assert overflow_of(plan) <= 0
        assert small_targets_of(plan) == []
        upload(plan, f"plan-{'x' * 100}.xlsx", workbook(rows_of(batch)))
        plan.wait_for_load_state()
        assert overflow_of(plan) <= 0
        work()
        expect(plan.locator("#result-refused")).to_contain_text("Unknown code")

        for part in ("Refused units", "Rows", "Cases"):
            with plan.expect_navigation():
                plan.get_by_label("Parts of the result").get_by_text(part).click()
            assert overflow_of(plan) <= 0
            assert small_targets_of(plan) == []
