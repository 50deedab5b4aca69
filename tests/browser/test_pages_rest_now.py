"""Pack the rest, now: from the list of excludes to full cases, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Role
from qrtracking.models import Batch, MasterCode, ReverseJob
from tests.accounts.factories import OrganizationFactory, make_member
from tests.browser.conftest import PHONE
from tests.browser.test_scan_pages import (
    code_of,
    label_of,
    overflow_of,
    sequences_in,
    small_targets_of,
)
from tests.qrtracking.factories import make_generated_batch

pytestmark = pytest.mark.parametrize(
    "has_javascript", [True, False], ids=["javascript", "no-javascript"]
)


@pytest.fixture
def batch() -> Batch:
    organization = OrganizationFactory(name="Harbor Tea Works")
    return make_generated_batch(
        units=120, per_case=40, order_no="ORD-HM-1125-02", organization=organization
    )


@pytest.fixture
def rest_now(page: Page, sign_in, batch: Batch) -> Page:
    """Reached by the mode that the page of the batch recommends for 120 units."""
    sign_in(make_member(Role.OPERATOR, organization=batch.organization, username="olive"))
    page.goto(f"/scan/b/{batch.pk}/")
    page.locator("#modes .recommended a").click()
    expect(page).to_have_url(f"/scan/b/{batch.pk}/rest-now/")
    return page


def prepare(page: Page, excludes: str) -> None:
    expect(page.get_by_label("Units that must not be packed")).to_be_focused()
    page.keyboard.insert_text(excludes)
    page.get_by_role("button", name="Prepare now").click()


def scan(page: Page, text: str) -> None:
    expect(page.get_by_label("Scan a case label")).to_be_focused()
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


class TestRestNow:
    def test_prepares_and_packs_case_by_case(self, rest_now, batch, has_javascript):
        prepare(rest_now, f"3, 4\nhttps://any.host/track/product/{code_of(batch, 9)}?a=1\nzzz")

        prepared = rest_now.locator("#prepared-now")
        expect(prepared).to_contain_text("117 prepared, 3 excluded")
        expect(prepared.locator(".not-found")).to_have_text("1 entry not found: zzz")
        expect(rest_now.locator("#ready")).to_contain_text("Ready: 117")
        for number in (1, 2):
            scan(rest_now, label_of(batch, number))
            expect(rest_now.locator("#answer")).to_contain_text(f"Case #{number}: 40 units")
        expect(rest_now.locator("#counts")).to_have_text("80 of 120 units · 2 of 3 cases")
        expect(rest_now.locator("#ready")).to_contain_text("Ready: 37")
        rest_now.reload()
        expect(rest_now.locator("#prepared-now")).to_contain_text("117 prepared")
        assert sequences_in(batch, 1) == [1, 2, 5, 6, 7, 8, *range(10, 44)]
        assert MasterCode.objects.get(batch=batch, case_number=2).status == "packed"

    def test_takes_back_a_wrong_case_by_the_printed_label(self, rest_now, batch, has_javascript):
        prepare(rest_now, "3")
        scan(rest_now, label_of(batch, 1))
        expect(rest_now.locator("#answer")).to_contain_text("Case #1: 40 units")

        scan(rest_now, "UNDO")

        expect(rest_now.locator("#answer")).to_contain_text(
            "Undone: 40 units taken out of Case #1."
        )
        expect(rest_now.locator("#ready")).to_contain_text("Ready: 119")

    def test_leads_to_the_background_when_it_is_too_much(
        self, rest_now, batch, has_javascript, settings, forgiven
    ):
        # The browser writes the 409 into its console.
        forgiven.append("409")
        settings.QR_INLINE_LIMIT = 119

        prepare(rest_now, "3")

        expect(rest_now.get_by_role("alert").first).to_have_text(
            "Too many units to prepare now (120). Submit a background job."
        )
        assert not ReverseJob.objects.exists()
        rest_now.get_by_role("link", name="Pack the rest, in background").click()
        expect(rest_now).to_have_url(f"/scan/b/{batch.pk}/rest/")


class TestPhone:
    @pytest.fixture
    def viewport(self):
        return PHONE

    def test_nothing_is_cut_off_and_every_target_is_big(self, rest_now, batch, has_javascript):
        assert overflow_of(rest_now) <= 0
        assert small_targets_of(rest_now) == []

        prepare(rest_now, "1\n" + "z" * 300)
        expect(rest_now.locator("#prepared-now")).to_be_visible()
        scan(rest_now, label_of(batch, 1))
        expect(rest_now.locator("#answer")).to_have_class("band ok")

        assert overflow_of(rest_now) <= 0
        assert small_targets_of(rest_now) == []
