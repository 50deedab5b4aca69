import json

import pytest
from django.test import Client

from accounts.models import Role
from qrtracking.models import MasterCode, ReverseJob
from tests.accounts.factories import (
    OrganizationFactory,
    UserFactory,
    bearer,
    make_member,
)
from tests.qrtracking.api import (
    NO_IDS,
    NOBODY,
    SUBMIT,
    assert_error,
    client_of,
    ids_of,
    make_batch,
    post,
    submit,
)
from tests.qrtracking.factories import MasterCodeFactory, ProductVariantFactory

pytestmark = pytest.mark.django_db

MISSING = "Missing required fields: batch_id, order_id, manufacturer_org_id"


class TestSubmit:
    def test_answers_the_job_and_the_number_of_entries(self):
        batch = make_batch()

        answer = submit(client_of(batch), batch, exclude_codes=["3", "SEQ:3", "4,5", "x", "y\n"])

        job = ReverseJob.objects.get()
        assert answer.status_code == 200
        assert answer.json() == {
            "success": True,
            "job_id": str(job.pk),
            "status": "queued",
            "exclude_count": 5,
            "message": "Job created with 5 codes to exclude",
        }
        assert list(answer.json()) == ["success", "job_id", "status", "exclude_count", "message"]

    def test_needs_no_excludes(self):
        batch = make_batch()

        answer = submit(client_of(batch), batch)

        assert answer.json()["exclude_count"] == 0
        assert answer.json()["message"] == "Job created with 0 codes to exclude"

    def test_takes_the_actor_from_the_token_and_ignores_user_id(self):
        batch = make_batch()
        member = make_member(organization=batch.organization)
        client = Client(headers=bearer(member))

        submit(client, batch, user_id="somebody else", organization_id=NOBODY)

        assert ReverseJob.objects.get().created_by == member

    def test_keeps_the_additions(self):
        batch = make_batch()
        variant = batch.order.items.get().variant

        answer = submit(
            client_of(batch),
            batch,
            filter_variant_id=str(variant.pk),
            filter_case_numbers=[2, 1, 2],
            priority=1,
            notify_email=False,
            label="Roll 7",
        )

        job = ReverseJob.objects.get()
        assert answer.status_code == 200
        assert (job.filter_variant, job.filter_case_numbers) == (variant, [1, 2])
        assert (job.priority, job.notify_email, job.label) == (1, False, "Roll 7")

    def test_takes_null_for_an_addition_as_omitted(self):
        batch = make_batch()
        names = ("filter_variant_id", "filter_case_numbers", "priority", "notify_email", "label")

        answer = submit(client_of(batch), batch, **dict.fromkeys((*names, "process_now")))

        job = ReverseJob.objects.get()
        assert answer.status_code == 200
        assert (job.priority, job.notify_email, job.process_now) == (5, True, False)

    def test_processes_now_and_answers_the_result(self):
        batch = make_batch()

        answer = submit(client_of(batch), batch, exclude_codes=["1-5"], process_now=True).json()

        assert answer["status"] == "completed"
        assert answer["result"]["prepared"] == 15
        assert answer["result"]["excluded_matched"] == 5

    def test_is_reached_under_its_function_name(self):
        batch = make_batch()

        answer = post(client_of(batch), "/functions/v1/reverse-job-submit", ids_of(batch))

        assert answer.status_code == 200
        assert ReverseJob.objects.count() == 1


class TestOrderOfChecks:
    """Each request is wrong in everything that is checked later as well."""

    def test_refuses_the_anonymous_first(self):
        answer = Client().post(SUBMIT, "{", content_type="application/json")

        assert_error(answer, 401, "Unauthorized")
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_refuses_a_viewer(self):
        batch = make_batch()

        answer = submit(client_of(batch, Role.VIEWER), batch)

        assert_error(answer, 403, "Your role does not allow this action")

    @pytest.mark.parametrize("name", ["batch_id", "order_id", "manufacturer_org_id"])
    @pytest.mark.parametrize("value", [None, "", "absent"])
    def test_then_misses_fields(self, name, value):
        body = dict.fromkeys(("batch_id", "order_id", "manufacturer_org_id"), "nonsense")
        body |= {name: value, "exclude_codes": 7}
        if value == "absent":
            del body[name]
        client = Client(headers=bearer(make_member()))

        assert_error(post(client, SUBMIT, body), 400, MISSING, "missing_fields")

    def test_then_misses_the_profile(self):
        user = UserFactory(superuser=True)
        client = Client()
        client.force_login(user)
        batch = make_batch()

        answer = submit(client, batch, exclude_codes=7)

        assert_error(answer, 404, "User profile not found")

    @pytest.mark.parametrize("value", NO_IDS)
    def test_then_refuses_another_organization(self, value):
        batch = make_batch()

        answer = submit(client_of(batch), batch, manufacturer_org_id=value, batch_id=value)

        assert_error(answer, 403, "User does not belong to manufacturer organization")

    @pytest.mark.parametrize("value", NO_IDS)
    def test_then_misses_the_batch(self, value):
        batch = make_batch()

        answer = submit(client_of(batch), batch, batch_id=value, order_id=value, exclude_codes=7)

        assert_error(answer, 404, "Batch not found", "batch_not_found")

    def test_does_not_know_the_batch_of_another_organization(self):
        own, foreign = make_batch(), make_batch()

        answer = submit(client_of(own), own, batch_id=str(foreign.pk))

        assert_error(answer, 404, "Batch not found")
        assert not ReverseJob.objects.exists()

    @pytest.mark.parametrize("value", NO_IDS)
    def test_then_refuses_another_order(self, value):
        batch = make_batch()

        answer = submit(client_of(batch), batch, order_id=value, exclude_codes=7)

        assert_error(answer, 403, "Batch does not belong to this order or manufacturer")

    @pytest.mark.parametrize("value", [None, "abc", 7, {}, True, [1, None, {}], ["1", 2], [["1"]]])
    def test_then_refuses_what_is_no_list_of_texts(self, value):
        batch = make_batch()

        answer = submit(client_of(batch), batch, exclude_codes=value, filter_variant_id="x")

        assert_error(answer, 400, "exclude_codes must be an array of strings")
        assert not ReverseJob.objects.exists()

    def test_then_refuses_too_many_entries(self):
        batch = make_batch()
        entries = [f"code-{number}" for number in range(100_001)]

        answer = submit(client_of(batch), batch, exclude_codes=entries, filter_variant_id="x")

        assert_error(answer, 400, "exclude_codes has over 100000 entries")

    def test_then_refuses_too_many_entries_also_when_they_are_all_the_same(self):
        batch = make_batch()

        answer = submit(client_of(batch), batch, exclude_codes=["15"] * 100_001)

        assert_error(answer, 400, "exclude_codes has over 100000 entries")
        assert not ReverseJob.objects.exists()

    def test_then_refuses_a_long_entry(self):
        batch = make_batch()

        answer = submit(
            client_of(batch), batch, exclude_codes=["x" * 1_000_000], filter_variant_id="x"
        )

        assert_error(answer, 400, "exclude_codes has an entry over 500 characters")

    @pytest.mark.parametrize("value", [*NO_IDS, ""])
    def test_then_refuses_an_unknown_variant(self, value):
        batch = make_batch()

        answer = submit(
            client_of(batch), batch, filter_variant_id=value, filter_case_numbers="x", priority=0
        )

        assert_error(answer, 400, "filter_variant_id is not of this batch")

    def test_refuses_a_variant_of_another_batch(self):
        batch = make_batch()
        other = ProductVariantFactory(product__organization=batch.organization)

        answer = submit(client_of(batch), batch, filter_variant_id=str(other.pk))

        assert_error(answer, 400, "filter_variant_id is not of this batch")

    @pytest.mark.parametrize(
        "value", ["1", 1, [3], [0], [-1], [1, "2"], [True], [1.5], [10**30], [None], [[1]], {}]
    )
    def test_then_refuses_unknown_cases(self, value):
        batch = make_batch()

        answer = submit(client_of(batch), batch, filter_case_numbers=value, priority=0)

        assert_error(answer, 400, "filter_case_numbers are not of this batch")

    @pytest.mark.parametrize("value", [0, 11, -1, 1.5, "5", True, [], 10**30])
    def test_then_refuses_an_unknown_priority(self, value):
        batch = make_batch()
        batch.status = "pending"
        batch.save()

        answer = submit(client_of(batch), batch, priority=value)

        assert_error(answer, 400, "priority must be from 1 to 10")

    @pytest.mark.parametrize(
        "status", ["pending", "queued", "processing", "completed", "failed", "cancelled"]
    )
    def test_then_refuses_a_batch_that_is_not_ready(self, status):
        batch = make_batch()
        batch.status = status
        batch.save()
        MasterCode.objects.filter(batch=batch).update(status="opened")

        answer = submit(client_of(batch), batch, process_now=True)

        assert_error(answer, 409, f"Batch is not ready for packing ({status})", "batch_state")

    @pytest.mark.parametrize(
        "status", ["received_warehouse", "warehouse_packed", "shipped_distributor", "opened"]
    )
    def test_then_refuses_a_locked_order(self, status, settings):
        settings.QR_INLINE_LIMIT = 5
        batch = make_batch()
        MasterCodeFactory(batch=batch, case_number=99, status=status)

        answer = submit(client_of(batch), batch, process_now=True)

        assert_error(
            answer,
            409,
            "Warehouse intake has begun for this order. Job submission is disabled.",
            "order_locked",
        )

    def test_then_refuses_to_prepare_too_many_now(self, settings):
        settings.QR_INLINE_LIMIT = 19
        batch = make_batch()

        answer = submit(client_of(batch), batch, process_now=True)

        text = "Too many units to prepare now (20). Submit a background job."
        assert_error(answer, 409, text)
        assert not ReverseJob.objects.exists()

    @pytest.mark.parametrize(
        ("name", "value", "error"),
        [
            ("notify_email", "yes", "notify_email must be true or false"),
            ("process_now", 1, "process_now must be true or false"),
            ("label", 7, "label must be a text of up to 200 characters"),
            ("label", "x" * 201, "label must be a text of up to 200 characters"),
        ],
    )
    def test_refuses_other_fields_of_a_wrong_type(self, name, value, error):
        batch = make_batch()

        assert_error(submit(client_of(batch), batch, **{name: value}), 400, error)


class TestBody:
    @pytest.mark.parametrize(
        ("raw", "error"),
        [
            ("", "Invalid JSON body"),
            ("   ", "Invalid JSON body"),
            ("{", "Invalid JSON body"),
            ("nonsense", "Invalid JSON body"),
            (b"\xff\xfe{}", "Invalid JSON body"),
            ('{"batch_id": NaN}', "Invalid JSON body"),
            ('{"batch_id": ' + "[" * 100_000, "Invalid JSON body"),
            ('{"priority": 1' + "0" * 5000 + "}", "Invalid JSON body"),
            ("[]", "Request body must be a JSON object"),
            ('"x"', "Request body must be a JSON object"),
            ("null", "Request body must be a JSON object"),
            ("7", "Request body must be a JSON object"),
            ("{}", MISSING),
            ('{"batch_id": "\\u0000"}', "Invalid characters in request"),
            (b'{"batch_id": "\x00"}', "Invalid characters in request"),
            ('{"batch_id": "\\ud800"}', "Invalid characters in request"),
        ],
    )
    def test_is_refused_with_a_reason(self, raw, error):
        client = Client(headers=bearer(make_member()))

        answer = client.post(SUBMIT, raw, content_type="application/json")

        assert_error(answer, 400, error)

    @pytest.mark.parametrize(
        "content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded"]
    )
    def test_must_be_json(self, content_type):
        client = Client(headers=bearer(make_member()))

        answer = client.post(SUBMIT, "{}", content_type=content_type)

        assert_error(answer, 415, "Content-Type must be application/json")

    def test_must_not_be_a_form(self):
        answer = Client(headers=bearer(make_member())).post(SUBMIT, {"batch_id": "x"})

        assert_error(answer, 415, "Content-Type must be application/json")

    def test_may_name_its_charset(self):
        batch = make_batch()

        answer = client_of(batch).post(
            SUBMIT, json.dumps(ids_of(batch)), content_type="application/json; charset=utf-8"
        )

        assert answer.status_code == 200

    def test_must_not_be_over_16_mib(self):
        client = Client(headers=bearer(make_member()))
        body = '{"label": "' + "x" * (16 * 1024 * 1024) + '"}'

        answer = client.post(SUBMIT, body, content_type="application/json")

        assert_error(answer, 413, "Request body too large")

    def test_takes_100000_entries(self):
        batch = make_batch()
        entries = [f"code-{number}" for number in range(100_000)]

        answer = submit(client_of(batch), batch, exclude_codes=entries)

        assert answer.status_code == 200
        assert answer.json()["exclude_count"] == 100_000

    def test_splits_a_megabyte_of_lines_into_entries(self):
        batch = make_batch()
        text = "\n".join(f"PROD-TEA100-MINT-{number:015d}" for number in range(32_000))

        answer = submit(client_of(batch), batch, exclude_codes=[text])

        assert len(text) > 1_000_000
        assert answer.json()["exclude_count"] == 32_000

    @pytest.mark.parametrize("text", ["", "  ", "\t,;\r\n", "\u200b"])
    def test_drops_entries_without_content(self, text):
        batch = make_batch()

        answer = submit(client_of(batch), batch, exclude_codes=[text])

        assert answer.json()["exclude_count"] == 0

    @pytest.mark.parametrize(
        "text",
        ["\U0001f600", "\u05e9\u05dc\u05d5\u05dd", "<script>alert(1)</script>", "' OR 1=1 --", "%"],
    )
    def test_does_not_find_strange_texts(self, text):
        batch = make_batch()

        answer = submit(client_of(batch), batch, exclude_codes=[text], process_now=True).json()

        assert answer["result"]["prepared"] == 20
        assert answer["result"]["excluded_not_found_count"] > 0


class TestFunctionName:
    @pytest.mark.parametrize("body", ["", "{", '{"label": "\\u0000"}'])
    def test_has_the_same_envelope(self, body):
        client = Client(headers=bearer(make_member()))

        answers = [
            client.post(path, body, content_type="application/json")
            for path in (SUBMIT, "/functions/v1/reverse-job-submit")
        ]

        assert answers[0].json() == answers[1].json()
        assert answers[0].json()["success"] is False


class TestMethod:
    @pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
    def test_must_be_post(self, method):
        client = Client(headers=bearer(make_member()))

        answer = getattr(client, method)(SUBMIT)

        assert_error(answer, 405, "Method not allowed")
        assert "POST" in answer.headers["Allow"]

    def test_has_no_trailing_slash(self):
        client = Client(headers=bearer(make_member()))

        assert_error(post(client, f"{SUBMIT}/"), 404, "Not found")


class TestSession:
    """The cookie without a CSRF header, under the conditions of the contract."""

    @pytest.fixture
    def batch(self):
        return make_batch()

    @pytest.fixture
    def client(self, batch):
        client = Client(enforce_csrf_checks=True)
        client.force_login(make_member(organization=batch.organization))
        return client

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": "http://testserver"},
            {"Sec-Fetch-Site": "same-origin"},
            {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"},
            {"Origin": "https://pages.example"},
        ],
    )
    def test_is_accepted_from_our_pages(self, client, batch, headers, settings):
        settings.CSRF_TRUSTED_ORIGINS = ["https://pages.example"]

        answer = post(client, SUBMIT, ids_of(batch), headers=headers)

        assert answer.status_code == 200

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "https://testserver.evil.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "none"},
            {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
        ],
    )
    def test_is_refused_from_foreign_pages(self, client, batch, headers):
        answer = post(client, SUBMIT, ids_of(batch), headers=headers)

        assert answer.status_code == 403
        assert answer.json()["success"] is False
        assert not ReverseJob.objects.exists()

    def test_is_refused_for_a_form(self, client, batch):
        answer = client.post(SUBMIT, ids_of(batch))

        assert answer.status_code == 415

    def test_does_not_matter_beside_a_token(self, batch):
        client = client_of(batch)

        answer = post(client, SUBMIT, ids_of(batch), headers={"Origin": "https://app.example"})

        assert answer.status_code == 200

    def test_needs_a_chosen_organization(self, batch):
        client = Client()
        user = make_member(organization=batch.organization)
        other = OrganizationFactory()
        user.memberships.create(organization=other, role=Role.OWNER)
        client.force_login(user)

        assert_error(submit(client, batch), 404, "User profile not found")


class TestIdempotencyKey:
    def test_repeats_the_stored_answer(self):
        batch = make_batch()
        client = client_of(batch)
        headers = {"Idempotency-Key": "roll-7"}

        first = post(client, SUBMIT, ids_of(batch), headers=headers)
        again = post(client, SUBMIT, ids_of(batch), headers=headers)

        assert again.json() == first.json()
        assert again.status_code == 200
        assert again.headers["Idempotent-Replayed"] == "true"
        assert ReverseJob.objects.count() == 1

    def test_works_with_process_now(self):
        batch = make_batch()
        client = client_of(batch)
        body = ids_of(batch) | {"process_now": True}

        first = post(client, SUBMIT, body, headers={"Idempotency-Key": "roll-7"})
        again = post(client, SUBMIT, body, headers={"Idempotency-Key": "roll-7"})

        assert first.json()["result"]["prepared"] == 20
        assert again.json() == first.json()

    def test_refuses_another_body(self):
        batch = make_batch()
        client = client_of(batch)
        headers = {"Idempotency-Key": "roll-7"}

        post(client, SUBMIT, ids_of(batch), headers=headers)
        answer = post(client, SUBMIT, ids_of(batch) | {"label": "other"}, headers=headers)

        assert answer.status_code == 422
        assert answer.json()["success"] is False
        assert ReverseJob.objects.count() == 1

    def test_tries_a_conflict_again(self):
        batch = make_batch()
        batch.status = "queued"
        batch.save()
        client = client_of(batch)
        headers = {"Idempotency-Key": "roll-7"}

        refused = post(client, SUBMIT, ids_of(batch), headers=headers)
        batch.status = "generated"
        batch.save()
        accepted = post(client, SUBMIT, ids_of(batch), headers=headers)

        assert (refused.status_code, accepted.status_code) == (409, 200)
