"""The admin's pages of batches and cases in a real browser, under the policy that it is served with."""

import pytest
from playwright.sync_api import Page, expect

from jobs.runner import run_job
from qrtracking.models import Batch, MasterCode, ReverseJob
from tests.accounts.factories import OrganizationFactory, UserFactory, make_member
from tests.browser.conftest import PHONE
from tests.browser.test_scan_pages import overflow_of
from tests.qrtracking.factories import ReverseJobFactory, make_generated_batch
from tests.qrtracking.queue import case_of, link, prepare

LISTS = ["batch", "reversejob", "mastercode", "unitcode", "preparedcode", "scanevent", "order"]


@pytest.fixture
def batch() -> Batch:
    """Case 1 of 3 is packed, case 2 holds 4 of 10."""
    organization = OrganizationFactory(name="Harbor Tea Works")
    batch = make_generated_batch(
        units=30, per_case=10, order_no="ORD-HM-1125-02", organization=organization
    )
    job = prepare(batch)
    ReverseJob.objects.filter(pk=job.pk).update(prepared_count=30, label="Night shift")
    operator = make_member(organization=organization, username="olive")
    link(operator, batch, 1)
    link(operator, batch, 2, target_units=4)
    return batch


@pytest.fixture
def admin(page: Page, sign_in) -> Page:
    sign_in(UserFactory(superuser=True, username="ada"))
    return page


def progress_of(batch: Batch) -> str:
    return f"/admin/qrtracking/batch/{batch.pk}/progress/"


class TestProgress:
    def test_follows_a_job_until_it_has_ended(self, admin, batch):
        job = ReverseJobFactory(batch=batch, label="Early shift")
        admin.goto(progress_of(batch))
        row = admin.get_by_role("row", name="Early shift")
        expect(row).to_contain_text("queued")
        expect(admin.get_by_text("updated every 3 seconds")).to_be_visible()

        run_job(job)

        expect(row).to_contain_text("completed")
        expect(admin.get_by_text("updated every 3 seconds")).to_have_count(0)

    def test_leads_to_the_partly_filled_case_and_unlinks_it(self, admin, batch):
        admin.goto(progress_of(batch))
        admin.get_by_role("link", name="Partly filled").click()
        admin.get_by_role("link", name=case_of(batch, 2).master_code).click()
        admin.get_by_role("link", name="Unlink").click()
        admin.get_by_label("Reason").fill("Wet boxes")
        admin.get_by_role("button", name="Unlink").click()

        expect(admin.get_by_text("Successfully unlinked 4 codes")).to_be_visible()
        expect(admin.get_by_role("row", name="Taken out of the case")).to_contain_text("Wet boxes")
        assert MasterCode.objects.get(batch=batch, case_number=2).actual_unit_count == 0

    def test_completes_an_incomplete_batch_with_a_reason_only(self, admin, batch):
        batch.order.warehouse_org = OrganizationFactory(kind="warehouse")
        batch.order.save()
        admin.goto(progress_of(batch))
        admin.get_by_role("link", name="Complete production").click()
        admin.get_by_label("Complete also with cases that are not packed").check()
        admin.get_by_role("button", name="Complete production").click()
        expect(admin.get_by_role("alert")).to_contain_text("A reason is required")

        admin.get_by_label("Reason").fill("The rest is lost")
        admin.get_by_role("button", name="Complete production").click()

        expect(admin.get_by_text("1 of 3 cases are ready to ship")).to_be_visible()
        expect(admin.locator(".job-badge").first).to_have_text("completed")


class TestLists:
    def test_say_what_to_choose_and_take_it_by_one_press(self, admin, batch):
        admin.goto("/admin/qrtracking/mastercode/")
        expect(admin.get_by_role("heading", name="Choose a batch first")).to_be_visible()

        admin.get_by_role("link", name="ORD-HM-1125-02").click()

        expect(admin.get_by_text("3 master codes")).to_be_visible()

    def test_retry_everything_that_failed_with_a_reason(self, admin, batch):
        failed = [ReverseJobFactory(batch=batch, failed=True) for _ in range(2)]
        admin.goto("/admin/qrtracking/reversejob/")
        admin.get_by_role("link", name="2 internal_error").click()
        admin.locator("#action-toggle").check()
        admin.locator("select[name=action]").select_option("retry_selected")
        admin.locator("button[name=index]").click()
        admin.get_by_label("Reason").fill("The disk is empty again")
        admin.get_by_role("button", name="Retry").click()

        expect(admin.get_by_text("2 reverse jobs sent to work again.")).to_be_visible()
        jobs = ReverseJob.objects.filter(pk__in=[job.pk for job in failed])
        assert set(jobs.values_list("status", flat=True)) == {"queued"}


class TestPhone:
    @pytest.fixture
    def viewport(self):
        return PHONE

    @pytest.mark.parametrize("name", LISTS)
    def test_no_list_is_wider_than_the_screen(self, admin, batch, name):
        ReverseJobFactory(batch=batch, failed=True)
        parent = "" if name in {"batch", "reversejob", "order"} else f"batch__id__exact={batch.pk}"
        if name == "preparedcode":
            parent = f"job__id__exact={ReverseJob.objects.get(label='Night shift').pk}"

        admin.goto(f"/admin/qrtracking/{name}/?{parent}")

        assert overflow_of(admin) == 0

    def test_no_page_is_wider_than_the_screen(self, admin, batch):
        case, job = case_of(batch, 1), ReverseJob.objects.get(label="Night shift")
        pages = [
            progress_of(batch),
            f"/admin/qrtracking/batch/{batch.pk}/complete/",
            f"/admin/qrtracking/reversejob/{job.pk}/change/",
            f"/admin/qrtracking/mastercode/{case.pk}/change/",
            f"/admin/qrtracking/unitcode/{batch.units.get(sequence_number=1).pk}/change/",
        ]
        for address in pages:
            admin.goto(address)
            assert overflow_of(admin) == 0, address

    def test_the_newest_bars_of_the_chart_are_seen_first(self, admin, batch):
        admin.goto(progress_of(batch))

        bar = admin.locator(".job-chart rect").last.bounding_box()

        assert bar is not None
        assert 0 < bar["x"] < PHONE["width"]
