"""Pack the rest, now: prepared inside the request, then packed case by case."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.errors import IdempotencyRequestRunning
from jobs.models import PausedJobType
from qrtracking.models import BatchStatus, MasterCode, ReverseJob, ScanEvent, UnitCode
from qrtracking.views import rest_now
from tests.qrtracking.factories import ReverseJobFactory, make_generated_batch
from tests.qrtracking.pages import field_value, user_of, words
from tests.qrtracking.queue import case_of, live_sequences, prepare, sequences_in

pytestmark = pytest.mark.django_db

MARKUP = "<script>alert(1)</script>"
LOCKED = "Warehouse intake has begun for this order. Scanning and linking are disabled."
LOCKED_FOR_JOBS = "Warehouse intake has begun for this order. Job submission is disabled."


@pytest.fixture
def batch(organization):
    return make_generated_batch(
        units=50, per_case=10, order_no="ORD-HM-1125-02", organization=organization
    )


def page(batch, part=""):
    return reverse("scan:rest-now", args=[batch.pk]) + part


def prepare_now(client, batch, excludes="", *, key=None, follow=True, **fields):
    target = page(batch, "prepare/")
    if key is None:
        key = field_value(client.get(page(batch)), "key", form=target)
    return client.post(target, {"excludes": excludes, "key": key} | fields, follow=follow)


def scan(client, batch, case, **fields):
    data = {"case": case, "key": str(uuid.uuid4())} | fields
    return client.post(page(batch, "link/"), data, follow=True)


def lock(batch):
    MasterCode.objects.filter(batch=batch, case_number=5).update(
        actual_unit_count=10, status="received_warehouse"
    )


class TestPage:
    def test_sends_strangers_to_the_login(self, client, batch):
        assert client.get(page(batch))["Location"] == f"/login?next={page(batch)}"

    def test_does_not_hint_at_batches_of_others(self, elsewhere, batch):
        foreign = elsewhere.get(page(batch))
        unknown = elsewhere.get(reverse("scan:rest-now", args=[uuid.uuid4()]))

        assert foreign.status_code == unknown.status_code == 404
        assert words(foreign) == words(unknown)

    def test_asks_for_excludes_first(self, operator, batch):
        response = operator.get(page(batch))

        assert "1. Prepare the rest" in words(response)
        assert 'name="excludes"' in response.text
        assert 'name="case"' not in response.text
        assert 'name="priority"' not in response.text
        assert 'name="notify_email"' not in response.text

    def test_offers_variants_only_where_there_are_several(self, operator, organization, batch):
        tea = make_generated_batch(variants={"JAS": 10, "ROSE": 10}, organization=organization)

        assert 'name="variant"' not in operator.get(page(batch)).text
        assert "All variants" in operator.get(page(tea)).text

    def test_is_for_reading_to_viewers(self, viewer, batch):
        response = viewer.get(page(batch))

        assert "Prepare now" not in response.text
        assert 'name="excludes"' not in response.text

    def test_shows_the_lock_and_no_forms(self, operator, batch):
        prepare(batch)
        lock(batch)

        response = operator.get(page(batch))

        assert LOCKED in words(response)
        assert 'name="excludes"' not in response.text
        assert 'name="case"' not in response.text

    @pytest.mark.parametrize("status", BatchStatus)
    def test_has_a_form_while_the_batch_can_be_packed(self, operator, batch, status):
        batch.status = status
        batch.save()

        is_packable = status in {"generated", "printing", "in_production"}
        assert ("Prepare now" in operator.get(page(batch)).text) is is_packable

    def test_leads_to_the_background_above_the_limit(self, operator, batch, settings):
        settings.QR_INLINE_LIMIT = 49

        response = operator.get(page(batch))

        assert "At most 49 units are prepared here at once; 50 are left." in words(response)
        assert f'href="{reverse("scan:rest", args=[batch.pk])}"' in response.text

    def test_does_not_lead_away_below_the_limit(self, operator, batch, settings):
        settings.QR_INLINE_LIMIT = 50

        assert "At most" not in words(operator.get(page(batch)))

    def test_reads_as_much_for_many_jobs_as_for_one(self, operator, batch):
        ReverseJobFactory(batch=batch, completed=True, process_now=True)
        with CaptureQueriesContext(connection) as for_one:
            operator.get(page(batch))
        for _ in range(10):
            ReverseJobFactory(batch=batch, completed=True, process_now=True)

        with CaptureQueriesContext(connection) as for_many:
            operator.get(page(batch))

        assert len(for_many) == len(for_one) <= 14

    def test_works_under_the_strict_policy(self, operator, batch):
        response = operator.get(page(batch))

        assert "'unsafe-" not in response["Content-Security-Policy"]
        assert "style=" not in response.text
        assert response.text.count("<script") == response.text.count("<script src=")


class TestPrepare:
    def test_prepares_all_others_at_once(self, operator, batch):
        response = prepare_now(operator, batch, "3, 4, 5, zzz")

        text = words(response)
        assert "47 prepared, 3 excluded" in text
        assert '<p class="job-text not-found">1 entry not found: zzz</p>' in response.text
        assert "Ready: 47" in text
        job = ReverseJob.objects.get()
        assert (job.status, job.process_now, job.notify_email) == ("completed", True, False)
        assert live_sequences(batch) == [1, 2, *range(6, 51)]

    def test_shows_the_result_again_after_a_reload(self, operator, batch):
        prepare_now(operator, batch, "3")

        assert "49 prepared, 1 excluded" in words(operator.get(page(batch)))

    def test_shows_no_result_of_background_jobs(self, operator, batch):
        ReverseJobFactory(batch=batch, completed=True, prepared_count=7)

        assert "7 prepared" not in words(operator.get(page(batch)))

    def test_takes_an_empty_list(self, operator, batch):
        assert "50 prepared, 0 excluded" in words(prepare_now(operator, batch))

    def test_prepares_only_some_variants_and_cases(self, operator, organization):
        tea = make_generated_batch(
            per_case=10, variants={"JAS": 20, "MINT": 20}, organization=organization
        )
        mint = UnitCode.objects.get(batch=tea, sequence_number=21).variant_id

        prepare_now(operator, tea, variant=str(mint), cases="3, #4")

        assert live_sequences(tea) == list(range(21, 41))

    def test_is_small_enough_with_a_filter(self, operator, batch, settings):
        settings.QR_INLINE_LIMIT = 20

        response = prepare_now(operator, batch, cases="1-2")

        assert "20 prepared" in words(response)

    def test_refuses_what_is_too_much_and_leads_to_the_background(self, operator, batch, settings):
        settings.QR_INLINE_LIMIT = 49

        response = prepare_now(operator, batch, "3")

        assert response.status_code == 409
        text = words(response)
        assert "Too many units to prepare now (50). Submit a background job." in text
        assert f'href="{reverse("scan:rest", args=[batch.pk])}"' in response.text
        assert ">\n3</textarea>" in response.text
        assert not ReverseJob.objects.exists()

    def test_the_same_form_sent_twice_is_one_job(self, operator, batch):
        key = str(uuid.uuid4())
        for _ in range(2):
            prepare_now(operator, batch, "3", key=key)

        assert ReverseJob.objects.count() == 1

    def test_another_list_with_an_old_key_is_another_job(self, operator, batch):
        key = str(uuid.uuid4())
        for excludes in ("3", "4"):
            prepare_now(operator, batch, excludes, key=key)

        assert ReverseJob.objects.count() == 2

    def test_says_that_it_is_being_done(self, operator, batch, monkeypatch):
        def busy(**_: object) -> None:
            raise IdempotencyRequestRunning

        monkeypatch.setattr(rest_now, "answer_once_committed", busy)

        text = words(prepare_now(operator, batch, "3"))

        assert "These units are being prepared already." in text

    def test_shows_a_job_that_waits_because_its_kind_is_paused(self, operator, batch):
        PausedJobType.objects.create(name="qrtracking.reversejob")

        text = words(prepare_now(operator, batch, "3"))

        assert "queued" in text
        assert "waits for its turn" in text

    @pytest.mark.parametrize(
        ("fields", "says"),
        [
            ({"cases": "x"}, "Write case numbers like 1-5, 7."),
            ({"cases": "99"}, "filter_case_numbers are not of this batch"),
            ({"key": "abc"}, "Enter a valid UUID."),
            ({"key": ""}, "This page is too old. Submit it again."),
            ({"excludes": "x" * 501}, "exclude_codes has an entry over 500 characters"),
            ({"excludes": "a\x00b"}, "Null characters are not allowed."),
        ],
    )
    def test_says_what_is_wrong_with_a_form(self, operator, batch, fields, says):
        data = {"excludes": "3", "key": str(uuid.uuid4())} | fields

        response = operator.post(page(batch, "prepare/"), data)

        assert response.status_code == 400
        assert says in words(response)
        assert not ReverseJob.objects.exists()

    def test_escapes_what_was_pasted(self, operator, batch):
        assert MARKUP not in prepare_now(operator, batch, MARKUP).text

    def test_refuses_a_locked_order(self, operator, batch):
        lock(batch)

        response = prepare_now(operator, batch, "3", key=str(uuid.uuid4()))

        assert response.status_code == 409
        # The header tells of the lock; the form with its words is gone.
        assert LOCKED in words(response)
        assert not ReverseJob.objects.exists()

    def test_needs_an_operator(self, viewer, batch):
        response = prepare_now(viewer, batch, "3", key=str(uuid.uuid4()))

        assert response.status_code == 403
        assert not ReverseJob.objects.exists()

    def test_is_404_for_others(self, elsewhere, batch):
        response = prepare_now(elsewhere, batch, "3", key=str(uuid.uuid4()))

        assert response.status_code == 404
        assert not ReverseJob.objects.exists()


class TestScan:
    def test_packs_the_next_units_at_once(self, operator, batch):
        prepare_now(operator, batch, "3")

        response = scan(operator, batch, case_of(batch, 1).master_code)

        assert "Case #1: 10 units" in words(response)
        assert "Ready: 39" in words(response)
        assert response.redirect_chain[0][0].startswith(page(batch))
        assert sequences_in(batch, 1) == [1, 2, *range(4, 12)]

    def test_refuses_a_unit_label(self, operator, batch):
        prepare_now(operator, batch)
        unit = UnitCode.objects.get(batch=batch, sequence_number=7)

        response = scan(operator, batch, f"https://any.host/track/product/{unit.code}?x")

        text = words(response)
        assert "This is a unit label. Scan the case label." in text
        assert f"Scanned {unit.code} (unit #7)" in text

    @pytest.mark.parametrize("command", ["UNDO", " undo "])
    def test_obeys_the_printed_undo(self, operator, batch, command):
        prepare_now(operator, batch)
        scan(operator, batch, "1")

        response = scan(operator, batch, command)

        assert "Undone: 10 units taken out of Case #1." in words(response)
        assert "Ready: 50" in words(response)

    def test_says_that_nothing_can_be_undone(self, operator, batch):
        prepare(batch)

        assert "Nothing to undo" in words(scan(operator, batch, "UNDO"))

    def test_refuses_a_locked_order(self, operator, batch):
        prepare(batch)
        lock(batch)

        assert LOCKED in words(scan(operator, batch, "1"))
        assert sequences_in(batch, 1) == []

    def test_needs_an_operator(self, viewer, batch):
        prepare(batch)

        assert scan(viewer, batch, "1").status_code == 403
        assert not ScanEvent.objects.exists()

    def test_is_404_for_others(self, elsewhere, batch):
        prepare(batch)

        assert scan(elsewhere, batch, "1").status_code == 404
        assert not ScanEvent.objects.exists()

    def test_is_the_persons_own_event(self, operator, batch):
        prepare_now(operator, batch)
        scan(operator, batch, "1")

        assert ScanEvent.objects.get().actor == user_of(operator)
