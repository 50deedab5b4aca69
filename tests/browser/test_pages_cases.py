"""Cases, their units, unlinking, closing short and spoiled units, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Role, User
from qrtracking.models import Batch, MasterCode, ScanEvent
from qrtracking.services.perfecting import mark_case_perfect
from tests.accounts.factories import OrganizationFactory, make_member
from tests.browser.conftest import PHONE
from tests.browser.test_scan_pages import label_of, overflow_of, sequences_in, small_targets_of
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.queue import link, prepare

BOTH = pytest.mark.parametrize("has_javascript", [True, False], ids=["javascript", "no-javascript"])


@pytest.fixture
def manager() -> User:
    organization = OrganizationFactory(name="Harbor Tea Works")
    return make_member(Role.MANAGER, organization=organization, username="mary")


@pytest.fixture
def batch(manager: User) -> Batch:
    """Case 1 is full, case 2 holds 4 of 10, case 3 is empty."""
    batch = make_generated_batch(
        units=30, per_case=10, order_no="ORD-HM-1125-02", organization=manager.organization
    )
    mark_case_perfect(
        actor=manager, master_code="CASE:1", order_id=batch.order_id, batch_id=batch.pk
    )
    prepare(batch, first=11)
    link(manager, batch, 2, target_units=4)
    return batch


@pytest.fixture
def cases(page: Page, sign_in, manager: User, batch: Batch) -> Page:
    sign_in(manager)
    page.goto(f"/scan/b/{batch.pk}/")
    page.get_by_role("link", name="Cases", exact=True).click()
    return page


def open_case(page: Page, text: str) -> None:
    expect(page.get_by_label("Scan a case label or type its number")).to_be_focused()
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


@BOTH
class TestCases:
    def test_unlinks_a_case_with_a_reason(self, cases, batch, has_javascript):
        open_case(cases, label_of(batch, 1))
        expect(cases.locator("#case h2")).to_have_text("Case #1: 10 of 10 units")
        cases.get_by_role("link", name="Unlink all units").click()
        expect(cases.get_by_label("Reason")).to_be_focused()
        cases.keyboard.insert_text("wrong pallet")
        cases.get_by_role("button", name="Yes, unlink it").click()

        expect(cases.get_by_role("status").first).to_contain_text(
            "Successfully unlinked 10 codes from master case #1."
        )
        expect(cases.locator("#case h2")).to_have_text("Case #1: 0 of 10 units")
        expect(cases.locator(".event").first).to_contain_text("wrong pallet")
        assert sequences_in(batch, 1) == []

    def test_leaves_a_case_alone_when_told_so(self, cases, batch, has_javascript):
        open_case(cases, "1")
        cases.get_by_role("link", name="Unlink all units").click()
        cases.get_by_role("link", name="No, leave it").click()

        expect(cases.locator("#case h2")).to_have_text("Case #1: 10 of 10 units")
        assert not ScanEvent.objects.filter(kind="unlink").exists()

    def test_closes_a_partial_case_short(self, cases, batch, has_javascript):
        cases.get_by_role("link", name="Partial").click()
        cases.get_by_role("link", name="Case #2").click()
        cases.get_by_role("link", name="Close short").click()
        cases.get_by_label("Reason").fill("end of the roll")
        cases.get_by_role("button", name="Yes, close it short").click()

        expect(cases.get_by_role("status").first).to_contain_text("Case #2 is closed with 4 units.")
        expect(cases.locator("#counts")).to_have_text("14 of 30 units · 2 of 3 cases")
        assert MasterCode.objects.get(batch=batch, case_number=2).short_reason == "end of the roll"

    def test_marks_a_unit_as_spoiled_and_names_the_spare(self, cases, batch, has_javascript):
        open_case(cases, "1")
        cases.get_by_text("Mark units as spoiled").click()
        cases.get_by_label("Spoiled units").fill("3 -> 32\nzzz")
        cases.get_by_role("button", name="Mark as spoiled").click()

        answer = cases.locator("#answer")
        expect(answer).to_contain_text("1 spoiled, 1 replaced, 1 refused")
        expect(answer).to_contain_text("#3 is spoiled, spare #32 replaces it in Case #1.")
        expect(answer).to_contain_text("zzz: Unknown code: zzz.")
        expect(cases.locator("#spoiled")).to_have_text("#3 (replaced by spare #32)")
        assert sequences_in(batch, 1) == [1, 2, 4, 5, 6, 7, 8, 9, 10, 32]


class TestPhone:
    @pytest.fixture
    def viewport(self):
        return PHONE

    def test_nothing_is_cut_off_and_every_target_is_big(self, cases, batch):
        MasterCode.objects.filter(batch=batch, case_number=3).update(short_reason="x" * 300)
        addresses = [
            f"/scan/b/{batch.pk}/cases/",
            f"/scan/cases/{MasterCode.objects.get(batch=batch, case_number=2).pk}/",
            f"/scan/cases/{MasterCode.objects.get(batch=batch, case_number=2).pk}/unlink/",
            f"/scan/cases/{MasterCode.objects.get(batch=batch, case_number=2).pk}/close-short/",
            f"/scan/b/{batch.pk}/spoiled/",
        ]
        for address in addresses:
            cases.goto(address)

            assert overflow_of(cases) <= 0, address
            assert small_targets_of(cases) == [], address
