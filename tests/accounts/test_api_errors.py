import pytest
from rest_framework.exceptions import ValidationError
from rest_framework.test import APIClient

from accounts.api.errors import STATUS_OF_KIND, problem_of
from accounts.errors import DomainError
from tests.accounts.factories import bearer, make_member

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.sample_api")]

CASES = [
    ("domain", 409, {"error": "This case is full.", "code": "case_full", "case_number": 7}),
    ("http404", 404, {"error": "Not found", "code": "not_found"}),
    ("not_found", 404, {"error": "Not found", "code": "not_found"}),
    ("page", 404, {"error": "Invalid page.", "code": "not_found"}),
    ("forbidden", 403, {"error": "Forbidden", "code": "forbidden"}),
    ("denied", 403, {"error": "Only on Mondays", "code": "mondays"}),
    ("suspicious", 400, {"error": "Bad request", "code": "bad_request"}),
    (
        "model",
        400,
        {
            "error": "name: Too long.",
            "code": "validation_error",
            "fields": {"name": ["Too long."]},
        },
    ),
    ("zero_byte", 400, {"error": "Invalid characters in request", "code": "invalid_characters"}),
    ("throttled", 429, {"error": "Too many requests", "code": "too_many_requests"}),
    ("parse", 400, {"error": "Multipart form parse error", "code": "parse_error"}),
    ("crash", 500, {"error": "Internal error", "code": "internal_error"}),
    ("data", 500, {"error": "Internal error", "code": "internal_error"}),
    (
        "database_away",
        503,
        {"error": "Service unavailable. Try again in a moment.", "code": "unavailable"},
    ),
    ("unavailable", 500, {"error": "Internal error", "code": "internal_error"}),
]


def post(path, body, content_type="application/json"):
    return APIClient().post(path, body, content_type=content_type)


class TestExceptionHandler:
    @pytest.mark.parametrize(("kind", "status", "body"), CASES)
    def test_answers_json_with_text_and_code(self, kind, status, body):
        response = APIClient().get(f"/fail/{kind}")

        assert response.status_code == status
        assert response.json() == body
        assert response["Content-Type"] == "application/json"

    @pytest.mark.parametrize(("kind", "status", "body"), CASES)
    def test_puts_success_first_where_the_contract_says_so(self, kind, status, body):
        response = APIClient().get(f"/contract/fail/{kind}")

        assert response.status_code == status
        assert list(response.json())[:3] == ["success", "error", "code"]
        assert response.json() == {"success": False} | body

    def test_logs_a_crash_with_its_traceback(self, caplog):
        APIClient().get("/fail/crash")

        record = next(record for record in caplog.records if record.name == "accounts.api.errors")
        assert str(record.exc_info[1]) == "secret traceback"

    def test_tells_when_to_try_again(self):
        assert APIClient().get("/fail/throttled")["Retry-After"] == "9"
        assert APIClient().get("/fail/database_away")["Retry-After"] == "5"

    def test_tells_which_methods_are_allowed(self):
        response = APIClient().delete("/fail/domain")

        assert response.status_code == 405
        assert response.json() == {"error": "Method not allowed", "code": "method_not_allowed"}
        assert "GET" in response["Allow"]


class TestValidation:
    @pytest.mark.parametrize(
        ("body", "error", "fields"),
        [
            ("{}", "name: This field is required.", {"name": ["This field is required."]}),
            (
                '{"name": "impossible"}',
                "These values do not go together.",
                {"non_field_errors": ["These values do not go together."]},
            ),
            (
                '{"name": "a", "items": [{"price": "1"}, {"price": "x"}]}',
                "items.1.price: A valid number is required.",
                {"items": {"1": {"price": ["A valid number is required."]}}},
            ),
            (
                '{"name": "a", "items": 5}',
                'items: Expected a list of items but got type "int".',
                {"items": {"non_field_errors": ['Expected a list of items but got type "int".']}},
            ),
        ],
    )
    def test_names_the_first_wrong_field_and_lists_all(self, body, error, fields):
        response = post("/orders", body)

        assert response.status_code == 400
        assert response.json() == {"error": error, "code": "validation_error", "fields": fields}

    def test_tells_of_a_rule_of_one_field(self):
        response = APIClient().post("/orders", {"name": "taken"})

        assert response.json()["error"] == "name: This name is taken."

    def test_has_words_for_an_empty_list_of_errors(self):
        assert problem_of(ValidationError({}), {}).error == "Invalid input"


class TestBody:
    @pytest.mark.parametrize("body", ["{", "NaN", "'a'", "", "\xff", '{"a": 1e}'])
    def test_refuses_broken_json(self, body):
        response = post("/orders", body or " ")

        assert response.status_code == 400
        assert response.json() == {"error": "Invalid JSON body", "code": "invalid_json"}

    def test_asks_for_json_where_only_json_is_taken(self):
        response = post("/orders", "a=1", "application/x-www-form-urlencoded")

        assert response.status_code == 415
        assert response.json()["error"] == "Content-Type must be application/json"

    def test_names_no_type_where_others_are_taken(self):
        headers = bearer(make_member()) | {"Idempotency-Key": "k"}

        response = APIClient().post(
            "/upload", "{}", content_type="application/json", headers=headers
        )

        assert response.status_code == 415
        assert response.json()["error"] == "This Content-Type is not supported"


class TestProblemOf:
    @pytest.mark.parametrize(("kind", "status"), list(STATUS_OF_KIND.items()))
    def test_gives_every_kind_its_status(self, kind, status):
        error = type("Failure", (DomainError,), {"kind": kind})("Words")

        assert problem_of(error, {}).status == status
