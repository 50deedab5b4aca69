"""Pack the rest, in background: jobs are submitted, watched, and cases take what they prepared."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.errors import IdempotencyRequestRunning
from accounts.models import Role
from jobs.models import PausedJobType
from jobs.runner import run_due_jobs
from qrtracking.models import (
    BatchStatus,
    MasterCode,
    PreparedCode,
    ReverseJob,
    ReverseJobStatus,
    ScanEvent,
    UnitCode,
)
from qrtracking.views import rest
from tests.qrtracking.factories import ReverseJobFactory, make_generated_batch
from tests.qrtracking.pages import HTMX, field_value, log_in, scan_case, submit, user_of, words

pytestmark = pytest.mark.django_db

LOCKED = "Warehouse intake has begun for this order. Scanning and linking are disabled."
LOCKED_FOR_JOBS = "Warehouse intake has begun for this order. Job submission is disabled."
MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def batch(organization):
    """A small B1: 50 units, 5 cases."""
    return make_generated_batch(
        units=50, per_case=10, order_no="ORD-HM-1125-02", organization=organization
    )


@pytest.fixture
def operator(organization):
    return log_in(Role.OPERATOR, organization, username="olive", email="olive@example.org")


@pytest.fixture
def prepared(operator, batch):
    """Everything but the units 3, 4 and 5 waits for a case."""
    submit(operator, batch, "3, 4, 5")
    run_due_jobs()
    return batch


def page(batch, part=""):
    return reverse("scan:rest", args=[batch.pk]) + part


def lock(batch):
    MasterCode.objects.filter(batch=batch, case_number=5).update(
        actual_unit_count=10, status="received_warehouse"
    )


def case_of(batch, number):
    return MasterCode.objects.get(batch=batch, case_number=number)


def sequences_in(case):
    units = UnitCode.objects.filter(master_code=case).order_by("sequence_number")
    return list(units.values_list("sequence_number", flat=True))


class TestPage:
    def test_sends_strangers_to_the_login(self, client, batch):
        assert client.get(page(batch))["Location"] == f"/login?next={page(batch)}"

    def test_does_not_hint_at_batches_of_others(self, elsewhere, batch):
        foreign = elsewhere.get(page(batch))
        unknown = elsewhere.get(reverse("scan:rest", args=[uuid.uuid4()]))

        assert foreign.status_code == unknown.status_code == 404
        assert words(foreign) == words(unknown)

    def test_changes_nothing(self, operator, batch):
        for part in ("", "jobs/", "ready/", "preview/", "submit/", "link/"):
            operator.get(page(batch, part))
            operator.get(page(batch, part), headers=HTMX)

        assert not ReverseJob.objects.exists()
        assert not ScanEvent.objects.exists()

    def test_offers_the_form_before_anything_is_prepared(self, operator, batch):
        response = operator.get(page(batch))

        assert "Submit background job" in words(response)
        assert 'name="excludes"' in response.text
        assert 'name="case"' not in response.text

    def test_is_for_reading_to_viewers(self, viewer, prepared):
        response = viewer.get(page(prepared))

        assert "Ready: 47" in words(response)
        assert "Submit background job" not in response.text
        assert 'name="case"' not in response.text
        assert response.text.count('<form method="post"') == 1  # log out

    def test_shows_the_lock_and_no_forms(self, operator, prepared):
        lock(prepared)

        response = operator.get(page(prepared))

        assert LOCKED in words(response)
        assert "Submit background job" not in response.text
        assert 'name="case"' not in response.text

    @pytest.mark.parametrize("status", BatchStatus)
    def test_has_forms_while_the_batch_can_be_packed(self, operator, batch, status):
        batch.status = status
        batch.save()

        response = operator.get(page(batch))

        is_packable = status in {"generated", "printing", "in_production"}
        assert ("Submit background job" in response.text) is is_packable

    def test_puts_the_scan_field_first_when_units_are_ready(self, operator, prepared):
        response = operator.get(page(prepared))

        assert "Ready: 47" in words(response)
        assert response.text.index('id="case"') < response.text.index('id="jobs"')
        assert response.text.index('id="jobs"') < response.text.index('name="excludes"')
        assert response.text.count("autofocus") == 1
        hint = (
            "Tick this when units already lie in their printed case; "
            "leave it off when you pack from one continuous roll."
        )
        assert hint in words(response)

    def test_offers_variants_only_where_there_are_several(self, operator, organization, batch):
        tea = make_generated_batch(variants={"JAS": 10, "ROSE": 10}, organization=organization)

        assert 'name="variant"' not in operator.get(page(batch)).text
        assert "All variants" in operator.get(page(tea)).text

    def test_offers_no_mail_without_an_address(self, organization, batch):
        operator = log_in(Role.OPERATOR, organization, email="")

        assert 'name="notify_email"' not in operator.get(page(batch)).text

    def test_counts_no_row_for_each_job(
        self, operator, batch, prepared, django_assert_max_num_queries
    ):
        for _ in range(10):
            ReverseJobFactory(batch=batch, running=True)

        with django_assert_max_num_queries(14):
            operator.get(page(batch))

    def test_works_under_the_strict_policy(self, operator, prepared):
        response = operator.get(page(prepared))

        policy = response["Content-Security-Policy"]
        assert "unsafe" not in policy.replace("'wasm-unsafe-eval'", "")
        assert "style=" not in response.text
        assert "onclick" not in response.text
        assert response.text.count("<script") == response.text.count("<script src=")
        assert "no-store" in response["Cache-Control"]


class TestJobList:
    @pytest.mark.parametrize("status", ReverseJobStatus)
    def test_shows_each_status(self, operator, batch, status):
        job = ReverseJobFactory(batch=batch, status=status, created_by=user_of(operator))

        response = operator.get(page(batch))

        assert f"{status.value} " in words(response)
        may_cancel = status in {"queued", "running"}
        assert (reverse("scan:job-cancel", args=[job.pk]) in response.text) is may_cancel
        # Operators do not retry.
        assert "Try again" not in response.text

    @pytest.mark.parametrize("status", ReverseJobStatus)
    def test_offers_managers_what_can_be_done(self, organization, batch, status):
        manager = log_in(Role.MANAGER, organization)
        job = ReverseJobFactory(batch=batch, status=status)

        response = manager.get(page(batch))

        may_cancel = status in {"queued", "running"}
        assert (reverse("scan:job-cancel", args=[job.pk]) in response.text) is may_cancel
        assert ("Try again" in response.text) is (status == "failed")

    def test_offers_operators_to_cancel_their_own_only(self, operator, batch):
        ReverseJobFactory(batch=batch, running=True)

        assert "Cancel" not in words(operator.get(page(batch)))

    @pytest.mark.parametrize("status", ReverseJobStatus)
    def test_is_polled_while_a_job_has_not_ended(self, operator, batch, settings, status):
        settings.QR_POLL_SECONDS = 7
        ReverseJobFactory(batch=batch, status=status)

        for response in (
            operator.get(page(batch)),
            operator.get(page(batch, "jobs/"), headers=HTMX),
        ):
            polls = 'hx-trigger="every 7s, poll"' in response.text
            assert polls is (status in {"queued", "running"})

    def test_tells_how_far_a_job_is(self, operator, batch):
        ReverseJobFactory(
            batch=batch,
            running=True,
            progress=57,
            total_available_in_batch=1000,
            prepared_count=450,
            remaining_to_prepare=545,
        )

        assert "57 % · 450 prepared, 545 to go" in words(operator.get(page(batch)))

    def test_tells_why_a_job_failed(self, operator, batch):
        ReverseJobFactory(batch=batch, failed=True, error_message="The batch was cancelled.")

        assert "The batch was cancelled." in words(operator.get(page(batch)))

    def test_shows_unfinished_jobs_however_old(self, operator, batch):
        old = ReverseJobFactory(batch=batch, running=True)
        for _ in range(25):
            ReverseJobFactory(batch=batch, completed=True)

        assert f"job-{old.pk}" in operator.get(page(batch)).text

    def test_keeps_jobs_of_other_batches_out(self, operator, batch, organization):
        other = make_generated_batch(units=10, organization=organization)
        job = ReverseJobFactory(batch=other, running=True)

        assert f"job-{job.pk}" not in operator.get(page(batch)).text


class TestFragments:
    def test_of_jobs_leads_to_the_page_when_it_is_opened(self, operator, batch):
        for part in ("jobs/", "ready/"):
            assert operator.get(page(batch, part))["Location"] == page(batch)

    def test_of_jobs_counts_no_units(self, operator, prepared):
        with CaptureQueriesContext(connection) as queries:
            operator.get(page(prepared, "jobs/?link=0"), headers=HTMX)

        assert not [
            query["sql"]
            for query in queries
            if "COUNT(" in query["sql"].upper()
            and ("qr_codes" in query["sql"] or "qr_prepared_codes" in query["sql"])
        ]

    def test_bring_the_scan_field_when_the_first_units_are_ready(self, operator, prepared):
        polled = operator.get(page(prepared, "jobs/?link=0"), headers=HTMX).text
        link = operator.get(page(prepared, "ready/"), headers=HTMX)

        assert '<section id="link" hx-swap-oob="true"' in polled
        assert "Ready: 47" in words(link)
        assert 'name="case"' in link.text
        # The person may be typing elsewhere.
        assert "autofocus" not in link.text

    def test_bring_the_scan_field_when_the_job_ends_while_they_are_made(
        self, operator, batch, monkeypatch
    ):
        ReverseJobFactory(batch=batch)
        listed = rest.list_batch_jobs

        def list_after_the_end(**kwargs):
            run_due_jobs()
            return listed(**kwargs)

        monkeypatch.setattr(rest, "list_batch_jobs", list_after_the_end)

        polled = operator.get(page(batch, "jobs/?link=0"), headers=HTMX).text

        assert "data-poll" not in polled
        assert "/rest/ready/" in polled

    def test_leave_a_scan_field_that_is_there_alone(self, operator, prepared):
        polled = operator.get(page(prepared, "jobs/?link=1"), headers=HTMX).text

        assert 'id="link"' not in polled
        assert '<p id="ready"' in polled

    def test_send_nothing_more_while_nothing_is_ready(self, operator, batch):
        ReverseJobFactory(batch=batch, running=True)

        polled = operator.get(page(batch, "jobs/?link=0"), headers=HTMX).text

        assert "hx-swap-oob" not in polled

    def test_do_not_count_units_of_cancelled_jobs(self, operator, prepared):
        ReverseJob.objects.update(status="cancelled")

        polled = operator.get(page(prepared, "jobs/?link=0"), headers=HTMX).text

        assert 'id="link"' not in polled

    def test_lead_the_whole_page_to_the_login(self, client, batch):
        for part in ("jobs/", "ready/"):
            response = client.get(page(batch, part), headers=HTMX)

            assert response["HX-Redirect"] == page(batch)

    def test_are_404_for_other_organizations(self, elsewhere, batch):
        for part in ("jobs/", "ready/"):
            assert elsewhere.get(page(batch, part), headers=HTMX).status_code == 404


class TestPreview:
    def preview(self, client, batch, excludes, **fields):
        data = {"excludes": excludes, "priority": "5", "key": str(uuid.uuid4())} | fields
        return client.post(page(batch, "preview/"), data)

    def test_counts_entries_and_units(self, operator, batch):
        response = self.preview(operator, batch, "3, 4\n10-20; zzz")

        assert "4 entries, 13 units. 13 will not be packed." in words(response)
        assert "1 not found: zzz" in words(response)
        assert not ReverseJob.objects.exists()

    def test_tells_units_that_no_job_would_prepare(self, operator, batch):
        UnitCode.objects.filter(batch=batch, sequence_number=1).update(
            status="packed", master_code=case_of(batch, 1)
        )
        UnitCode.objects.filter(batch=batch, sequence_number=2).update(status="spoiled")

        response = self.preview(operator, batch, "1-3\n40\n51", cases="1")

        expected = "1 will not be packed, 1 packed already, 3 not needed"
        assert f"3 entries, 5 units. {expected} (spare, spoiled or filtered out)." in words(
            response
        )

    def test_looks_up_the_beginning_of_a_long_list(self, operator, batch, monkeypatch):
        monkeypatch.setattr("qrtracking.rules.portions.MOST_UNITS", 2)

        response = self.preview(operator, batch, "1\n2\n3\n4")

        text = words(response)
        assert "4 entries, 2 units. The first 2 entries were looked up" in text

    def test_keeps_what_was_typed(self, operator, batch):
        response = self.preview(operator, batch, "3, 4", cases="1-2", priority="1")

        assert "3, 4</textarea>" in response.text
        assert 'value="1-2"' in response.text
        assert '<option value="1" selected' in response.text

    def test_names_what_cannot_be_a_unit(self, operator, batch):
        response = self.preview(operator, batch, "0\n20-15\n99\n50-60")

        # 55 units with the spares.
        assert "4 entries, 6 units. 1 will not be packed, 5 not needed" in words(response)
        assert "3 not found: 0 20-15 99" in words(response)

    def test_escapes_markup(self, operator, batch):
        response = self.preview(operator, batch, MARKUP)

        assert MARKUP not in response.text
        assert "&lt;script&gt;" in response.text

    @pytest.mark.parametrize(
        ("fields", "status", "answer"),
        [
            ({"excludes": "x" * 501}, 400, "exclude_codes has an entry over 500 characters"),
            ({"cases": "a-b"}, 400, "Write case numbers like 1-5, 7."),
            ({"priority": "11"}, 400, "Select a valid choice."),
            ({"key": ""}, 400, "This page is too old. Submit it again."),
        ],
    )
    def test_refuses_what_it_cannot_read(self, operator, batch, fields, status, answer):
        response = self.preview(operator, batch, **({"excludes": "3"} | fields))

        assert response.status_code == status
        assert answer in words(response)

    def test_needs_an_operator(self, viewer, elsewhere, batch):
        assert self.preview(viewer, batch, "3").status_code == 403
        assert self.preview(elsewhere, batch, "3").status_code == 404


class TestSubmit:
    def test_submits_a_job(self, operator, batch):
        response = submit(operator, batch, "3,4,5,49\n50")

        assert response["Location"] == page(batch)
        job = ReverseJob.objects.get()
        assert job.status == "queued"
        assert job.batch == batch
        assert job.organization == batch.organization
        assert job.created_by == user_of(operator)
        assert job.exclude_codes == ["3", "4", "5", "49", "50"]
        assert "Job submitted. Excluding 5 codes." in words(operator.get(page(batch)))

    @pytest.mark.parametrize(
        ("excludes", "text"), [("", "Excluding 0 codes."), ("7", "Excluding 1 code.")]
    )
    def test_counts_the_entries(self, operator, batch, excludes, text):
        submit(operator, batch, excludes)

        assert f"Job submitted. {text}" in words(operator.get(page(batch)))

    def test_passes_every_choice_on(self, operator, organization):
        batch = make_generated_batch(variants={"JAS": 250, "MINT": 100}, organization=organization)
        mint = batch.order.items.get(variant__variant_code="MINT").variant

        submit(
            operator, batch, variant=str(mint.pk), cases="#3-#4", priority="2", notify_email="on"
        )

        job = ReverseJob.objects.get()
        assert job.filter_variant_id == mint.pk
        assert job.filter_case_numbers == [3, 4]
        assert job.priority == 2
        assert job.notify_email

    def test_writes_no_mail_without_the_tick(self, operator, batch):
        submit(operator, batch)

        job = ReverseJob.objects.get()
        assert not job.notify_email
        assert job.filter_case_numbers is None
        assert job.priority == 5

    def test_takes_the_same_form_once(self, operator, batch):
        target = reverse("scan:rest-submit", args=[batch.pk])
        key = field_value(operator.get(page(batch)), "key", form=target)

        first = submit(operator, batch, "3", key=key)
        second = submit(operator, batch, "3", key=key)

        assert ReverseJob.objects.count() == 1
        assert first["Location"] == second["Location"]

    def test_says_that_the_same_form_is_at_work(self, operator, batch, monkeypatch):
        def still_running(**request):
            raise IdempotencyRequestRunning

        monkeypatch.setattr("qrtracking.views.rest.answer_once", still_running)

        submit(operator, batch, "3")

        assert "This job is being submitted already." in words(operator.get(page(batch)))

    def test_takes_a_changed_form_for_another_one(self, operator, batch):
        key = str(uuid.uuid4())

        submit(operator, batch, "3", key=key)
        submit(operator, batch, "4", key=key)

        assert ReverseJob.objects.count() == 2

    def test_refuses_case_numbers_of_other_batches(self, operator, batch):
        response = submit(operator, batch, "3", cases="6")

        assert response.status_code == 400
        assert "filter_case_numbers are not of this batch" in words(response)
        assert "3</textarea>" in response.text
        assert not ReverseJob.objects.exists()

    def test_refuses_a_foreign_variant(self, operator, organization):
        batch = make_generated_batch(variants={"JAS": 10, "MINT": 10}, organization=organization)
        foreign = make_generated_batch(units=10).order.items.get().variant

        response = submit(operator, batch, variant=str(foreign.pk))

        assert response.status_code == 400
        assert not ReverseJob.objects.exists()

    def test_refuses_a_nul_byte(self, operator, batch):
        response = submit(operator, batch, "3\x00")

        assert response.status_code == 400
        assert not ReverseJob.objects.exists()

    def test_refuses_too_many_entries(self, operator, batch):
        response = submit(operator, batch, "\n".join(f"a{n}" for n in range(100_001)))

        assert response.status_code == 400
        assert "exclude_codes has over 100000 entries" in words(response)

    def test_refuses_a_locked_order(self, operator, batch):
        lock(batch)

        response = submit(operator, batch, "3", key=str(uuid.uuid4()))

        assert response.status_code == 409
        assert LOCKED in words(response)
        assert not ReverseJob.objects.exists()

    @pytest.mark.parametrize("status", BatchStatus)
    def test_refuses_a_batch_that_is_not_ready(self, operator, batch, status):
        batch.status = status
        batch.save()

        response = submit(operator, batch, "3", key=str(uuid.uuid4()))

        is_packable = status in {"generated", "printing", "in_production"}
        assert response.status_code == (302 if is_packable else 409)
        assert ReverseJob.objects.exists() is is_packable

    def test_needs_an_operator(self, client, viewer, elsewhere, batch):
        key = str(uuid.uuid4())

        assert submit(client, batch, key=key)["Location"].startswith("/login")
        assert submit(viewer, batch, key=key).status_code == 403
        assert submit(elsewhere, batch, key=key).status_code == 404
        assert not ReverseJob.objects.exists()

    def test_shows_entries_that_were_not_found_escaped(self, operator, batch):
        submit(operator, batch, MARKUP + "\nzzz")
        run_due_jobs()

        response = operator.get(page(batch))

        assert MARKUP not in response.text
        assert "2 entries not found:" in words(response)
        assert "zzz" in words(response)

    def test_waits_where_jobs_are_paused(self, operator, batch):
        PausedJobType.objects.create(name="qrtracking.reversejob")
        submit(operator, batch)

        run_due_jobs()

        assert "waits for its turn" in words(operator.get(page(batch)))


class TestLink:
    def test_packs_the_next_units_and_says_which(self, operator, prepared):
        response = scan_case(operator, prepared, case_of(prepared, 1).master_code)

        text = words(response)
        assert "OK Case #1: 10 units" in text
        assert "Pack #1-#2, #6-#13." in text
        assert "Case #1 is full. Scan the next case." in text
        assert "Ready: 37" in text
        assert "10 of 50 units · 1 of 5 cases" in text
        assert sequences_in(case_of(prepared, 1)) == [1, 2, *range(6, 14)]

    @pytest.mark.parametrize(
        "spelled", ["2", "CASE:2", "case: 2", "{}", "{}\t", "x/track/master/{}?a"]
    )
    def test_takes_every_form_of_a_case(self, operator, prepared, spelled):
        scan_case(operator, prepared, spelled.format(case_of(prepared, 2).master_code))

        assert case_of(prepared, 2).actual_unit_count == 10

    def test_goes_on_with_the_next_case(self, operator, prepared):
        scan_case(operator, prepared, "1")
        scan_case(operator, prepared, "2")

        assert sequences_in(case_of(prepared, 2)) == list(range(14, 24))

    def test_shows_the_answer_again_after_a_reload(self, operator, prepared):
        answered = scan_case(operator, prepared, "1").redirect_chain[0][0]

        assert "Case #1: 10 units" in words(operator.get(answered))
        assert "Case #1: 10 units" not in words(operator.get(page(prepared)))
        assert ScanEvent.objects.count() == 1

    def test_answers_calmly_when_a_case_is_scanned_twice(self, operator, prepared):
        scan_case(operator, prepared, "1")

        response = scan_case(operator, prepared, case_of(prepared, 1).master_code)

        assert 'class="band duplicate"' in response.text
        assert "Case #1 is already full" in words(response)
        assert "this one holds 10 of 10 units" in words(response)
        assert case_of(prepared, 1).actual_unit_count == 10
        assert ScanEvent.objects.count() == 1

    def test_takes_one_scan_once_however_often_it_is_sent(self, operator, prepared):
        target = reverse("scan:rest-link", args=[prepared.pk])
        key = field_value(operator.get(page(prepared)), "key", form=target)

        for _ in range(2):
            response = scan_case(operator, prepared, "1", key=key, units="4")

            assert "Case #1: 4 units" in words(response)
        assert case_of(prepared, 1).actual_unit_count == 4

    def test_takes_an_old_page_with_another_case_for_another_scan(self, operator, prepared):
        key = str(uuid.uuid4())

        scan_case(operator, prepared, "1", key=key)
        scan_case(operator, prepared, "2", key=key)

        assert case_of(prepared, 1).is_full
        assert case_of(prepared, 2).is_full

    def test_packs_fewer_units_when_told(self, operator, prepared):
        response = scan_case(operator, prepared, "1", units="4")

        assert "Case #1: 4 units" in words(response)
        assert "Case #1 now holds 4 of 10 units." in words(response)
        assert case_of(prepared, 1).status == "generated"

    def test_packs_only_planned_units_with_the_tick_and_remembers_it(self, operator, prepared):
        response = scan_case(operator, prepared, "3", same_case="on")

        assert sequences_in(case_of(prepared, 3)) == list(range(21, 31))
        assert 'type="checkbox" aria-describedby="same-case-hint" checked' in response.text

    def test_forgets_the_tick_when_it_is_taken_off(self, operator, prepared):
        scan_case(operator, prepared, "3", same_case="on")

        response = scan_case(operator, prepared, "4")

        assert " checked" not in response.text.split('id="jobs"')[0]

    def test_says_when_no_planned_units_are_ready(self, operator, batch):
        submit(operator, batch, cases="2")
        run_due_jobs()

        response = scan_case(operator, batch, "1", same_case="on")

        assert 'class="band wrong"' in response.text
        assert "No ready units are planned for Case #1" in words(response)

    def test_says_which_variants_are_ready(self, operator, organization):
        batch = make_generated_batch(variants={"JAS": 200, "MINT": 100}, organization=organization)
        mint = batch.order.items.get(variant__variant_code="MINT").variant
        submit(operator, batch, variant=str(mint.pk))
        run_due_jobs()

        response = scan_case(operator, batch, "1")

        assert "No units of this variant are ready for Case #1" in words(response)
        assert "MINT 100" in words(response)

    def test_says_when_the_queue_is_empty(self, operator, batch):
        response = scan_case(operator, batch, "1", key=str(uuid.uuid4()))

        assert "No prepared codes available in queue. Please submit a reverse job first." in words(
            response
        )

    def test_explains_a_unit_label(self, operator, prepared):
        unit = UnitCode.objects.get(batch=prepared, sequence_number=9)

        response = scan_case(operator, prepared, unit.code)

        assert 'class="band wrong"' in response.text
        assert "This is a unit label. Scan the case label." in words(response)
        assert not ScanEvent.objects.exists()

    def test_explains_labels_of_another_order(self, operator, prepared, organization):
        other = make_generated_batch(
            units=10, per_case=10, order_no="ORD-HM-1125-07", organization=organization
        )
        unit = UnitCode.objects.get(batch=other, sequence_number=1)

        for code, kind in ((case_of(other, 1).master_code, "case"), (unit.code, "unit")):
            response = scan_case(operator, prepared, code)

            assert (
                f"This {kind} belongs to order ORD-HM-1125-07. You are packing ORD-HM-1125-02."
                in words(response)
            )

    def test_knows_nothing_of_other_organizations(self, operator, prepared):
        foreign = make_generated_batch(units=10, per_case=10, order_no="ORD-SECRET")

        response = scan_case(operator, prepared, case_of(foreign, 1).master_code)

        assert "Unknown code:" in words(response)
        assert "belongs to order" not in words(response)

    @pytest.mark.parametrize(
        "text", ["zzz", "99", "CASE:99", "1-5", "0", "2147483648", "999999999", MARKUP, "a b", "🙂"]
    )
    def test_says_that_it_does_not_know_a_case(self, operator, prepared, text):
        response = scan_case(operator, prepared, text)

        assert "Unknown code:" in words(response)
        assert MARKUP not in response.text
        assert not ScanEvent.objects.exists()

    @pytest.mark.parametrize(
        ("fields", "answer"),
        [
            ({"case": ""}, "No case was scanned."),
            ({"case": "x" * 501}, "This text is too long for a case label."),
            ({"case": "1\x00"}, "Null characters are not allowed."),
            ({"units": "-1"}, "Units must be a whole number from 1 to 100,000."),
            ({"units": "0"}, "Units must be a whole number from 1 to 100,000."),
            ({"units": "1.5"}, "Units must be a whole number from 1 to 100,000."),
            ({"units": "abc"}, "Units must be a whole number from 1 to 100,000."),
            ({"units": "100001"}, "Units must be a whole number from 1 to 100,000."),
            ({"key": "abc"}, "Enter a valid UUID."),
            ({"key": ""}, "This page is too old. Scan again."),
        ],
    )
    def test_packs_nothing_on_bad_input(self, operator, prepared, fields, answer):
        data = {"case": "1", "key": str(uuid.uuid4())} | fields

        response = operator.post(page(prepared, "link/"), data, follow=True)

        assert answer in words(response)
        assert not ScanEvent.objects.exists()

    def test_refuses_a_locked_order(self, operator, prepared):
        lock(prepared)

        response = scan_case(operator, prepared, "1", key=str(uuid.uuid4()))

        assert 'class="band wrong"' in response.text
        assert LOCKED in words(response)
        assert not PreparedCode.objects.filter(status="consumed").exists()

    @pytest.mark.parametrize("status", ["completed", "cancelled", "failed"])
    def test_refuses_a_batch_that_is_not_ready(self, operator, prepared, status):
        prepared.status = status
        prepared.save()

        response = scan_case(operator, prepared, "1", key=str(uuid.uuid4()))

        assert f"Batch is not ready for packing ({status})" in words(response)
        assert not ScanEvent.objects.exists()

    def test_needs_an_operator(self, client, viewer, elsewhere, prepared):
        data = {"case": "1", "key": str(uuid.uuid4())}

        assert client.post(page(prepared, "link/"), data)["Location"].startswith("/login")
        assert viewer.post(page(prepared, "link/"), data).status_code == 403
        assert elsewhere.post(page(prepared, "link/"), data).status_code == 404
        assert not ScanEvent.objects.exists()

    def test_leads_to_its_page_when_it_is_opened(self, operator, batch):
        for part in ("link/", "submit/", "preview/"):
            assert operator.get(page(batch, part))["Location"] == page(batch)
