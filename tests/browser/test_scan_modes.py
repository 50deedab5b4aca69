"""Scan & pack in a real browser, scanned as a scanner gun does it."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Role
from qrtracking.models import Batch, MasterCode, UnitCode
from tests.accounts.factories import OrganizationFactory, make_member
from tests.browser.conftest import PHONE
from tests.browser.test_scan_pages import code_of, label_of, overflow_of, small_targets_of
from tests.qrtracking.factories import make_generated_batch


@pytest.fixture
def batch() -> Batch:
    organization = OrganizationFactory(name="Harbor Tea Works")
    return make_generated_batch(
        units=30, per_case=10, order_no="ORD-HM-1125-02", organization=organization
    )


@pytest.fixture
def pack(page: Page, sign_in, batch: Batch) -> Page:
    sign_in(make_member(Role.OPERATOR, organization=batch.organization, username="olive"))
    page.goto(f"/scan/b/{batch.pk}/")
    page.get_by_role("link", name="Scan & pack").click()
    return page


def scan(page: Page, text: str, *, end: str = "Enter") -> None:
    expect(page.get_by_label("Scan a unit or a case label")).to_be_focused()
    page.keyboard.insert_text(text)
    with page.expect_navigation():
        page.keyboard.press(end)


class TestPack:
    @pytest.mark.parametrize("has_javascript", [True, False], ids=["javascript", "no-javascript"])
    def test_fills_a_case_and_undoes_it(self, pack, batch, has_javascript):
        scan(pack, label_of(batch, 2))
        expect(pack.locator("#open-case")).to_have_text("Case #2 open, 0 of 10")
        for number in range(11, 20):
            scan(pack, code_of(batch, number))
        expect(pack.locator("#answer")).to_contain_text("Added #19, MINT. 9 of 10")
        pack.reload()
        expect(pack.locator("#open-case")).to_have_text("Case #2 open, 9 of 10")

        scan(pack, code_of(batch, 20))

        expect(pack.locator("#answer")).to_have_class("band ok")
        expect(pack.locator("#answer")).to_contain_text("Case #2: 10 units packed. It is full.")
        expect(pack.locator("#counts")).to_have_text("10 of 30 units · 1 of 3 cases")
        assert MasterCode.objects.get(batch=batch, case_number=2).status == "packed"
        pack.get_by_role("button", name="Undo").click()
        expect(pack.locator("#answer")).to_contain_text("10 units taken out of Case #2")
        assert not UnitCode.objects.filter(status="packed").exists()

    def test_takes_a_scanner_that_ends_with_tab(self, pack, batch):
        for number in (1, 2):
            scan(pack, code_of(batch, number), end="Tab")

        expect(pack.locator("#list")).to_contain_text("#2 MINT")

    def test_keeps_the_tick(self, pack, batch):
        pack.get_by_label("Allow units planned for other cases").check()
        pack.get_by_label("Scan a unit or a case label").focus()
        scan(pack, label_of(batch, 1))
        scan(pack, code_of(batch, 25))

        expect(pack.locator("#answer")).to_contain_text("Added #25, MINT. 1 of 10")


class TestPhone:
    @pytest.fixture
    def viewport(self):
        return PHONE

    def test_nothing_is_cut_off_and_every_target_is_big(self, pack, batch):
        pack.get_by_text("Paste many codes").click()
        pack.get_by_label("Codes, links or numbers").fill("11-14, " + "z" * 300)
        pack.get_by_role("button", name="Add to your list").click()
        expect(pack.locator("#answer")).to_contain_text("Detected 5 codes (5 unique)")
        scan(pack, "zzz")
        expect(pack.locator("#answer")).to_have_class("band wrong")
        scan(pack, label_of(batch, 2))

        pack.get_by_text("Paste many codes").click()

        assert overflow_of(pack) <= 0
        assert small_targets_of(pack) == []


class TestPerfect:
    @pytest.mark.parametrize("viewport", [PHONE])
    def test_packs_case_by_case(self, page, sign_in, batch, viewport):
        sign_in(make_member(Role.OPERATOR, organization=batch.organization))
        page.goto(f"/scan/b/{batch.pk}/")
        page.get_by_role("link", name="Perfect case").click()
        for number in (2, 3):
            expect(page.get_by_label("Scan the label of an undamaged case")).to_be_focused()
            page.keyboard.insert_text(label_of(batch, number))
            with page.expect_navigation():
                page.keyboard.press("Enter")
            expect(page.locator("#answer")).to_contain_text(f"Case #{number} marked perfect!")

        expect(page.locator("#counts")).to_have_text("20 of 30 units · 2 of 3 cases")
        assert overflow_of(page) <= 0
        assert small_targets_of(page) == []
