"""The page of a batch, its history, the end of its production and its jobs, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import OrganizationKind, Role, User
from jobs.runner import run_due_jobs
from qrtracking.models import Batch, MasterCode, Order, ReverseJob, UnitCode
from qrtracking.services.perfecting import mark_case_perfect
from qrtracking.services.reverse_jobs import submit_reverse_job
from tests.accounts.factories import OrganizationFactory, make_member
from tests.browser.conftest import PHONE
from tests.browser.test_scan_pages import code_of, overflow_of, small_targets_of
from tests.qrtracking.factories import make_generated_batch

BOTH = pytest.mark.parametrize("has_javascript", [True, False], ids=["javascript", "no-javascript"])


@pytest.fixture
def manager() -> User:
    organization = OrganizationFactory(name="Harbor Tea Works")
    return make_member(Role.MANAGER, organization=organization, username="mary")


@pytest.fixture
def batch(manager: User) -> Batch:
    batch = make_generated_batch(
        units=30, per_case=10, order_no="ORD-HM-1125-02", organization=manager.organization
    )
    warehouse = OrganizationFactory(kind=OrganizationKind.WAREHOUSE)
    Order.objects.filter(pk=batch.order_id).update(warehouse_org=warehouse)
    return batch


@pytest.fixture
def overview(page: Page, sign_in, manager: User, batch: Batch) -> Page:
    sign_in(manager)
    page.goto(f"/scan/b/{batch.pk}/")
    return page


def pack(actor: User, batch: Batch, *numbers: int) -> None:
    for number in numbers:
        mark_case_perfect(
            actor=actor,
            master_code=f"CASE:{number}",
            order_id=batch.order_id,
            batch_id=batch.pk,
        )


@BOTH
class TestBatch:
    def test_recommends_one_mode(self, overview, has_javascript):
        recommended = overview.locator("#modes .recommended")

        expect(recommended).to_have_count(1)
        expect(recommended).to_contain_text("Scan & pack")
        expect(recommended).to_contain_text("30 units are left: few enough to scan each of them.")
        expect(overview.locator("#modes li")).to_have_count(5)

    def test_undoes_the_last_action(self, overview, manager, batch, has_javascript):
        pack(manager, batch, 1)
        overview.reload()
        expect(overview.locator("#packed")).to_have_text("#1")
        overview.get_by_role("button", name="Undo my last action").click()

        expect(overview.get_by_role("status").first).to_contain_text("Undone: 10 units taken out")
        expect(overview.locator("#packed")).to_have_text("none")

    def test_finds_the_case_of_a_unit(self, overview, manager, batch, has_javascript):
        pack(manager, batch, 2)
        overview.goto("/scan/")
        expect(overview.get_by_label("Scan any unit or case label")).to_be_focused()
        overview.keyboard.insert_text(f"https://any.host/track/product/{code_of(batch, 15)}?a=1")
        overview.keyboard.press("Enter")

        expect(overview.locator("#answer")).to_contain_text("#15, MINT: in Case #2")
        overview.get_by_role("link", name="Open Case #2").click()
        expect(overview.locator("#case h2")).to_have_text("Case #2: 10 of 10 units")


@BOTH
class TestHistory:
    def test_filters_what_was_done(self, overview, manager, batch, has_javascript):
        olive = make_member(Role.OPERATOR, organization=batch.organization, username="olive")
        pack(manager, batch, 1)
        pack(olive, batch, 2)
        overview.get_by_role("link", name="History").click()
        rows = overview.locator("#events tbody tr")
        expect(rows).to_have_count(2)

        overview.get_by_label("Who").select_option("olive")
        overview.get_by_role("button", name="Show").click()
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text("Case #2")
        overview.get_by_label("Case", exact=True).fill("1")
        overview.get_by_role("button", name="Show").click()

        expect(overview.get_by_text("Nothing like this was done.")).to_be_visible()
        expect(overview.get_by_label("Who")).to_have_value(str(olive.pk))

    def test_downloads_what_it_shows(self, overview, manager, batch, has_javascript):
        pack(manager, batch, 1)
        overview.get_by_role("link", name="History").click()

        with overview.expect_download() as download:
            overview.get_by_role("link", name="Excel").click()

        assert download.value.suggested_filename.startswith("History_ORD-HM-1125-02_")


@BOTH
class TestFinish:
    def test_completes_the_production(self, overview, manager, batch, has_javascript):
        pack(manager, batch, 1, 2, 3)
        overview.reload()
        expect(overview.locator("#all-packed")).to_be_visible()
        overview.get_by_role("link", name="Complete production").click()
        expect(overview.get_by_label("Why it is completed without all cases")).to_have_count(0)
        overview.get_by_role("button", name="Complete production").click()

        expect(overview.get_by_role("status").first).to_contain_text(
            "Production completed successfully."
        )
        assert Batch.objects.get().status == "completed"

    def test_completes_without_all_cases_only_with_a_reason(
        self, overview, manager, batch, has_javascript
    ):
        pack(manager, batch, 1)
        overview.get_by_role("link", name="Complete production").click()
        overview.get_by_role("button", name="Complete production").click()
        assert Batch.objects.get().status == "in_production"

        overview.get_by_label("Why it is completed without all cases").fill("order was reduced")
        overview.get_by_role("button", name="Complete production").click()

        expect(overview.get_by_role("status").first).to_contain_text("Production completed")
        assert MasterCode.objects.filter(status="ready_to_ship").count() == 1


class TestJob:
    @pytest.fixture
    def job(self, manager, batch) -> ReverseJob:
        UnitCode.objects.filter(batch=batch, sequence_number=5).update(status="spoiled")
        return submit_reverse_job(
            actor=manager, batch_id=batch.pk, order_id=batch.order_id, exclude_codes=["3,5\nzzz"]
        )

    def test_shows_the_end_of_a_job_by_itself(self, overview, job, settings):
        settings.QR_POLL_SECONDS = 1
        overview.goto(f"/scan/jobs/{job.pk}/")
        expect(overview.locator("#job")).to_contain_text("waits for its turn")

        run_due_jobs()

        expect(overview.locator("#job")).to_contain_text("28 prepared, 1 excluded")
        expect(overview.locator("#excludes")).to_contain_text("matched")
        expect(overview.locator("#excludes")).to_contain_text("not needed")
        with overview.expect_download() as download:
            overview.get_by_role("link", name="Prepared units, Excel").click()
        assert download.value.suggested_filename.endswith(".xlsx")

    @pytest.mark.parametrize("has_javascript", [False])
    def test_shows_excludes_and_log_without_javascript(self, overview, job, has_javascript):
        run_due_jobs()
        overview.goto(f"/scan/jobs/{job.pk}/")

        expect(overview.locator("#excludes li")).to_have_count(3)
        expect(overview.locator(".log").first).to_contain_text("Job completed: 28 codes prepared")


class TestPhone:
    @pytest.fixture
    def viewport(self):
        return PHONE

    def test_nothing_is_cut_off_and_every_target_is_big(self, overview, manager, batch):
        pack(manager, batch, 1)
        job = submit_reverse_job(
            actor=manager,
            batch_id=batch.pk,
            order_id=batch.order_id,
            exclude_codes=["https://any.host/track/product/" + "z" * 300],
        )
        run_due_jobs()
        home = f"/scan/b/{batch.pk}/"
        for address in (
            "/scan/",
            home,
            f"{home}history/",
            f"{home}finish/",
            f"/scan/jobs/{job.pk}/",
        ):
            overview.goto(address)

            assert overflow_of(overview) <= 0, address
            assert small_targets_of(overview) == [], address
