"""The admin of batches: how far they are, and what staff do to them."""

import re

import pytest

from qrtracking.models import Batch, LabelSheet, MasterCode, ReverseJob, ScanEvent
from tests.accounts.factories import OrganizationFactory, make_member
from tests.qrtracking.factories import (
    PackingPlanFactory,
    ReverseJobFactory,
    make_generated_batch,
)
from tests.qrtracking.queue import link, prepare
from tests.qrtracking.staff import choose, list_of, page_of, staff_client, words_of

pytestmark = pytest.mark.django_db

RIGHTS = {"generate": "generate_batch", "label": "generate_batch", "complete": "complete_batch"}
REASON = "Last cases are lost"


@pytest.fixture
def batch() -> Batch:
    """Worked example 13 in small: case 1 is packed, case 2 holds 4 of 10, cases 3 and 4 are empty."""
    batch = make_generated_batch(
        units=40,
        per_case=10,
        order_no="ORD-HM-1125-77",
        warehouse_org=OrganizationFactory(kind="warehouse"),
    )
    job = prepare(batch)
    ReverseJob.objects.filter(pk=job.pk).update(prepared_count=40, label="Night shift")
    operator = make_member(organization=batch.organization, username="olive")
    link(operator, batch, 1)
    link(operator, batch, 2, target_units=4)
    return batch


@pytest.fixture
def viewer():
    return staff_client("view_batch")


@pytest.fixture
def staff():
    return staff_client("view_batch", *RIGHTS.values())


def text_of(answer) -> str:
    """What a person reads, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


class TestProgressPage:
    def test_shows_the_numbers_of_the_contract(self, viewer, batch):
        page = viewer.get(page_of(batch, "progress"))

        progress = page.context["report"].progress
        assert (progress.master, progress.unique, progress.overall) == (25, 35, 30)
        text = text_of(page)
        assert "Cases packed 1 of 4, 25 %" in text
        assert "Units packed 14 of 40, 35 %" in text
        assert "Spares left 4 of 4" in text
        assert "Packed 1 #1 Partly filled 1 #2 Empty 2 #3-#4" in text

    def test_leads_to_the_cases_of_each_part(self, viewer, batch):
        page = viewer.get(page_of(batch, "progress")).text

        for fill in ("full", "partial", "empty"):
            assert (
                list_of(MasterCode, batch__id__exact=batch.pk, fill=fill).replace("&", "&amp;")
                in page
            )

    def test_cuts_endless_ranges(self, viewer, batch, monkeypatch):
        monkeypatch.setattr("qrtracking.admin.progress.RANGES_SHOWN", 1)
        MasterCode.objects.filter(batch=batch, case_number=4).update(actual_unit_count=10)

        assert "#1 and 1 more ranges" in text_of(viewer.get(page_of(batch, "progress")))

    def test_groups_the_queue_of_each_job(self, viewer, batch):
        job = ReverseJob.objects.get(batch=batch)
        rows = job.prepared_codes.filter(sequence_number__in=[20, 21])
        rows.update(status="invalid", invalid_reason="packed_elsewhere")

        page = viewer.get(page_of(batch, "progress"))

        state = page.context["jobs"][0]["queue"]
        assert (state.waiting, state.consumed, state.invalid) == (24, 14, 2)
        assert "packed elsewhere 2" in text_of(page)
        assert "MINT 24" in text_of(page)

    def test_draws_packed_units_and_tells_the_latest_actions(self, viewer, batch):
        page = viewer.get(page_of(batch, "progress"))

        assert sum(packed.units for packed in page.context["packed"].periods) == 14
        assert '<svg class="job-chart"' in page.text
        assert "14 units in 2 cases" in page.text
        assert "Packed from the queue #2 4 olive" in text_of(page)

    def test_has_no_script_in_the_page_that_the_policy_forbids(self, viewer, batch):
        panel = viewer.get(page_of(batch, "progress_live")).text

        assert "<script" not in panel
        assert " on" not in "".join(re.findall(r"<[^>]+>", panel)).replace(" once", "")
        assert "style=" not in panel

    @pytest.mark.parametrize(
        ("status", "is_live"), [("queued", True), ("running", True), ("failed", False)]
    )
    def test_is_live_while_a_job_runs(self, viewer, batch, status, is_live):
        ReverseJobFactory(batch=batch, status=status)

        page = viewer.get(page_of(batch, "progress"))

        assert ('hx-trigger="every 3s' in page.text) is is_live
        assert page.context["is_live"] is is_live

    def test_the_live_part_is_only_the_part(self, viewer, batch):
        panel = viewer.get(page_of(batch, "progress_live")).text

        assert 'id="job-live"' in panel
        assert "<html" not in panel

    def test_lists_plans_and_sheets(self, viewer, batch):
        plan = PackingPlanFactory(batch=batch, file_name="shift-1.csv")

        page = viewer.get(page_of(batch, "progress")).text

        assert "shift-1.csv" in page
        assert page_of(plan) in page

    @pytest.mark.parametrize("status", Batch._meta.get_field("status").choices, ids=lambda c: c[0])
    def test_opens_in_every_status(self, viewer, batch, status):
        Batch.objects.filter(pk=batch.pk).update(status=status[0])

        assert viewer.get(page_of(batch, "progress")).status_code == 200

    def test_opens_before_anything_was_made(self, viewer):
        batch = Batch.objects.get(pk=make_generated_batch(units=10).pk)
        batch.cases.all().delete()

        text = text_of(viewer.get(page_of(batch, "progress")))

        assert "No case was made yet." in text
        assert "Nothing is packed yet." in text

    def test_says_that_the_order_is_locked(self, viewer, batch):
        MasterCode.objects.filter(batch=batch, case_number=1).update(status="received_warehouse")

        assert "warehouse intake has begun" in text_of(viewer.get(page_of(batch, "progress")))

    @pytest.mark.parametrize("name", ["progress", "progress_live"])
    def test_is_not_found_by_another_organization(self, batch, name):
        stranger = staff_client("view_batch", organization=OrganizationFactory())

        assert stranger.get(page_of(batch, name)).status_code == 404

    @pytest.mark.parametrize("name", ["progress", "progress_live"])
    def test_needs_the_view_permission(self, batch, name):
        assert staff_client("view_order").get(page_of(batch, name)).status_code == 403

    def test_takes_the_same_number_of_queries_for_many_cases_and_jobs(
        self, viewer, batch, django_assert_max_num_queries
    ):
        for _ in range(5):
            ReverseJobFactory(batch=batch, prepared_count=3)

        with django_assert_max_num_queries(28):
            viewer.get(page_of(batch, "progress"))

    def test_never_counts_units(self, viewer, batch, django_assert_max_num_queries):
        with django_assert_max_num_queries(28) as captured:
            viewer.get(page_of(batch, "progress_live"))

        counting = [q["sql"] for q in captured if 'FROM "qr_codes"' in q["sql"]]
        # The spares that are used up, which are few, by their own index.
        assert [sql for sql in counting if '"is_buffer"' not in sql] == []


class TestVerbs:
    def test_complete_asks_first(self, staff, batch):
        asked = staff.get(page_of(batch, "complete")).text

        assert "Complete production: are you sure?" in asked
        assert Batch.objects.get(pk=batch.pk).status == "in_production"

    def test_complete_refuses_an_incomplete_batch(self, staff, batch):
        answer = staff.post(page_of(batch, "complete"), {"reason": ""})

        assert words_of(answer) == [
            "Nothing was changed. Batch is not complete: 1 of 4 cases are packed."
        ]
        assert Batch.objects.get(pk=batch.pk).status == "in_production"

    def test_complete_takes_an_incomplete_batch_with_a_reason(self, staff, batch):
        form = {"allow_incomplete": "on", "reason": REASON}

        answer = staff.post(page_of(batch, "complete"), form)

        assert words_of(answer) == [
            "BATCH-ORD-HM-1125-77: production completed, 1 of 4 cases are ready to ship."
        ]
        assert answer.url == page_of(batch, "progress")
        assert Batch.objects.get(pk=batch.pk).status == "completed"
        assert ScanEvent.objects.get(batch=batch, kind="complete").note == REASON

    def test_complete_without_a_reason_is_asked_for_again(self, staff, batch):
        answer = staff.post(page_of(batch, "complete"), {"allow_incomplete": "on"})

        assert "A reason is required" in answer.text
        assert Batch.objects.get(pk=batch.pk).status == "in_production"

    def test_generate_starts_a_pending_batch(self, staff, batch):
        Batch.objects.filter(pk=batch.pk).update(status="pending")

        answer = staff.post(page_of(batch, "generate"), {"sure": "yes"})

        assert words_of(answer) == ["BATCH-ORD-HM-1125-77: codes are generated in the background."]
        assert Batch.objects.get(pk=batch.pk).status == "queued"

    def test_label_makes_sheets_of_everything(self, staff, batch):
        answer = staff.post(page_of(batch, "label"), {"sure": "yes"})

        assert words_of(answer)[0].endswith("3 label sheets are drawn in the background.")
        assert LabelSheet.objects.filter(batch=batch).count() == 3

    @pytest.mark.parametrize(("verb", "right"), RIGHTS.items())
    def test_need_their_permission(self, batch, verb, right):
        others = set(RIGHTS.values()) - {right}
        Batch.objects.filter(pk=batch.pk).update(status=FITTING[verb])
        staff = staff_client("view_batch", *others)

        assert staff.post(page_of(batch, verb), FORM).status_code == 403
        choose(staff, verb, [batch], query={}, confirmed="yes", **FORM)

        assert Batch.objects.get(pk=batch.pk).status == FITTING[verb]
        assert page_of(batch, verb) not in staff.get(page_of(batch, "progress")).text

    @pytest.mark.parametrize("verb", RIGHTS)
    def test_find_no_batch_of_another_organization(self, batch, verb):
        Batch.objects.filter(pk=batch.pk).update(status=FITTING[verb])
        rights = "view_batch", *RIGHTS.values()
        stranger = staff_client(*rights, organization=OrganizationFactory())

        assert stranger.post(page_of(batch, verb), FORM).status_code == 404
        choose(stranger, verb, [batch], query={}, confirmed="yes", **FORM)

        assert Batch.objects.get(pk=batch.pk).status == FITTING[verb]
        assert not LabelSheet.objects.exists()

    def test_tell_of_each_batch_what_became_of_it(self, staff, batch):
        other = make_generated_batch(units=10, order_no="ORD-HM-1125-78")

        answer = choose(staff, "complete", [batch, other], query={}, confirmed="yes", **FORM)

        assert sorted(words_of(answer)) == [
            "BATCH-ORD-HM-1125-77: production completed, 1 of 4 cases are ready to ship.",
            "BATCH-ORD-HM-1125-78: Order has no destination warehouse assigned. "
            "Cannot complete production.",
        ]


FITTING = {"generate": "pending", "label": "generated", "complete": "in_production"}
FORM = {"allow_incomplete": "on", "reason": REASON}


class TestList:
    def test_shows_the_columns_of_the_contract(self, viewer, batch):
        page = viewer.get(list_of(Batch))

        assert page.context["cl"].list_display[-6:] == [
            "batch_code",
            "organization",
            "status_text",
            "units",
            "spares",
            "packed_cases",
        ]
        assert page_of(batch, "progress") in page.text
        assert "1 / 4" in page.text
