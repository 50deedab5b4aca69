"""Labels on a phone: asked for, watched while they are drawn, downloaded."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Role, User
from jobs.runner import run_due_jobs
from qrtracking.models import Batch
from tests.accounts.factories import make_member
from tests.browser.conftest import PHONE
from tests.browser.test_scan_pages import overflow_of, small_targets_of
from tests.qrtracking.labels import read_pdf

BOTH = pytest.mark.parametrize("has_javascript", [True, False], ids=["javascript", "no-javascript"])


@pytest.fixture
def viewport() -> dict[str, int]:
    return PHONE


@pytest.fixture
def manager(station_batch: Batch) -> User:
    return make_member(Role.MANAGER, organization=station_batch.organization, username="mary")


@BOTH
class TestLabels:
    def test_are_asked_for_watched_and_downloaded(
        self, page: Page, sign_in, manager, station_batch, has_javascript
    ):
        sign_in(manager)
        page.goto(f"/scan/b/{station_batch.pk}/")
        page.get_by_role("link", name="Labels").click()
        page.get_by_label("To number").fill("12")
        page.get_by_role("button", name="Make labels").click()

        sheet = page.locator("#sheets .job")
        expect(page.get_by_text("12 labels are being drawn.")).to_be_visible()
        expect(sheet).to_contain_text("waits for its turn")
        run_due_jobs()
        if not has_javascript:
            page.reload()
        expect(sheet).to_contain_text("Ready, not downloaded yet")
        assert overflow_of(page) == 0
        assert small_targets_of(page) == []
        with page.expect_download() as download:
            sheet.get_by_role("link", name="Download").click()

        file = download.value
        assert file.suggested_filename == "Labels_ORD-HM-1125-02_units_1-12.pdf"
        assert [len(codes) for codes in read_pdf(Path(file.path()).read_bytes())] == [12]

    def test_of_one_case_are_made_again_by_an_operator(
        self, page: Page, sign_in, station_batch, has_javascript
    ):
        sign_in(make_member(Role.OPERATOR, organization=station_batch.organization))
        page.goto(f"/scan/cases/{station_batch.cases.get(case_number=2).pk}/")
        page.get_by_role("link", name="Label again").click()
        expect(page.get_by_label("Case number")).to_have_value("2")

        page.get_by_role("button", name="Make the label").click()

        expect(page.locator("#sheets .job")).to_contain_text("Cases #2")
