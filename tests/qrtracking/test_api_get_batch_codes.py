import pytest
from django.test import Client

from accounts.models import Role
from qrtracking.models import UnitCode
from tests.accounts.factories import OrganizationFactory, UserFactory
from tests.qrtracking.api import (
    NO_IDS,
    assert_error,
    client_for,
    client_of,
    make_batch,
    post,
)
from tests.qrtracking.queue import pack

pytestmark = pytest.mark.django_db

CODES = "/api/manufacturer/get-batch-codes"
NONE_LEFT = (
    "No available codes found for this batch/order. "
    "All codes may already be linked to master cases."
)


@pytest.fixture
def batch():
    """20 units and 2 spares; 1 to 4 lie in case 2, 6 is spoiled: 15 are available."""
    batch = make_batch()
    pack(batch, 2, range(1, 5))
    UnitCode.objects.filter(batch=batch, sequence_number=6).update(status="spoiled")
    return batch


@pytest.fixture
def client(batch):
    return client_of(batch, Role.VIEWER)


def ask(client, batch, **changes):
    return post(client, CODES, {"batch_id": str(batch.pk)} | changes)


def numbers(answer):
    assert answer.status_code == 200, answer.content
    return [code["sequence_number"] for code in answer.json()["codes"]]


class TestGetBatchCodes:
    def test_answers_name_by_name(self, batch, client):
        answer = ask(client, batch, limit=1)

        unit = batch.units.get(sequence_number=5)
        assert answer.json() == {
            "success": True,
            "codes": [
                {
                    "id": str(unit.pk),
                    "code": unit.code,
                    "sequence_number": 5,
                    "product_code": "TEA100",
                    "product_name": "Green tea",
                    "variant_code": "MINT",
                    "variant_name": "Mint",
                    "status": "generated",
                }
            ],
            "summary": {
                "total_available_in_batch": 15,
                "excluded_count": 0,
                "returned_count": 1,
            },
            "excluded_codes": [],
            "next_after_sequence": 5,
        }

    def test_leaves_out_what_is_packed_spoiled_or_spare(self, batch, client):
        answer = ask(client, batch)

        assert numbers(answer) == [5, *range(7, 21)]
        assert answer.json()["next_after_sequence"] is None

    def test_finds_the_batch_by_its_order(self, batch, client):
        answer = post(client, CODES, {"order_id": str(batch.order_id)})

        assert len(numbers(answer)) == 15

    def test_leaves_out_the_excluded_ones(self, batch, client):
        code = batch.units.get(sequence_number=15).code
        texts = [f"https://any.host/track/product/{code}?utm=1", "8-10, 2", "zzz", "99"]

        answer = ask(client, batch, exclude_codes=texts)

        body = answer.json()
        assert numbers(answer) == [5, 7, 11, 12, 13, 14, *range(16, 21)]
        assert body["summary"] == {
            "total_available_in_batch": 15,
            "excluded_count": 4,
            "returned_count": 11,
        }
        excluded = UnitCode.objects.filter(batch=batch, sequence_number__in=[8, 9, 10, 15])
        in_order = excluded.order_by("sequence_number").values_list("code", flat=True)
        assert body["excluded_codes"] == list(in_order)
        assert body["not_found_exclusions"] == ["zzz", "99"]

    def test_lists_up_to_a_thousand_entries_that_were_not_found(self, batch, client):
        answer = ask(client, batch, exclude_codes=[f"x{number}" for number in range(1001)])

        assert len(answer.json()["not_found_exclusions"]) == 1000

    def test_goes_on_after_a_sequence(self, batch, client):
        found, after = [], None
        while True:
            answer = ask(client, batch, limit=4, after_sequence=after, exclude_codes=["9"])
            found += numbers(answer)
            after = answer.json()["next_after_sequence"]
            if after is None:
                break

        assert found == [5, 7, 8, *range(10, 21)]

    def test_is_empty_when_all_are_excluded(self, batch, client):
        answer = ask(client, batch, exclude_codes=["1-20"])

        assert numbers(answer) == []
        assert answer.json()["summary"]["excluded_count"] == 15

    def test_says_that_nothing_is_left(self, batch, client):
        UnitCode.objects.filter(batch=batch).update(status="spoiled", master_code=None)

        answer = ask(client, batch)

        assert_error(answer, 404, NONE_LEFT, "no_available_codes")
        assert answer.json()["available_codes_count"] == 0

    @pytest.mark.parametrize("value", NO_IDS)
    def test_does_not_know_made_up_ids(self, client, value):
        assert_error(post(client, CODES, {"batch_id": value}), 404, NONE_LEFT)
        assert_error(post(client, CODES, {"order_id": value}), 404, NONE_LEFT)

    def test_does_not_know_the_batch_of_others(self, batch):
        assert_error(ask(client_for(OrganizationFactory()), batch), 404, NONE_LEFT)

    def test_does_not_mix_the_batch_and_order_of_two(self, batch, client):
        other = make_batch(organization=batch.organization)

        assert_error(ask(client, batch, order_id=str(other.order_id)), 404, NONE_LEFT)

    def test_knows_no_batch_for_somebody_without_organization(self, batch):
        nobody = Client()
        nobody.force_login(UserFactory())

        assert_error(ask(nobody, batch), 404, NONE_LEFT)

    @pytest.mark.parametrize("body", [{}, {"batch_id": None}, {"batch_id": "", "order_id": ""}])
    def test_needs_a_batch_or_an_order(self, client, body):
        error = "Either batch_id or order_id is required"
        assert_error(post(client, CODES, body), 400, error)

    @pytest.mark.parametrize("value", [0, -1, "abc", 1.5, True, 10**40])
    def test_refuses_a_limit_that_is_none(self, batch, client, value):
        error = "limit must be a whole number from 1 to 10000"
        assert_error(ask(client, batch, limit=value), 400, error)

    def test_gives_no_more_than_the_highest_limit(self, batch, client, monkeypatch):
        monkeypatch.setattr("qrtracking.api.available_answers.HIGHEST_LIMIT", 3)

        assert numbers(ask(client, batch, limit=50_000)) == [5, 7, 8]

    @pytest.mark.parametrize("value", [-1, "abc", 1.5, True, 10**40, []])
    def test_refuses_a_sequence_that_is_none(self, batch, client, value):
        error = "after_sequence must be a whole number, 0 or more"
        assert_error(ask(client, batch, after_sequence=value), 400, error)

    @pytest.mark.parametrize("value", [None, "abc", [1, None, {}]])
    def test_refuses_excludes_that_are_none(self, batch, client, value):
        error = "exclude_codes must be an array of strings"
        assert_error(ask(client, batch, exclude_codes=value), 400, error)

    def test_refuses_the_anonymous_and_garbage(self, client):
        assert_error(post(Client(), CODES, "{"), 401, "Unauthorized")
        assert_error(post(client, CODES), 400, "Invalid JSON body")
        assert_error(post(client, CODES, []), 400, "Request body must be a JSON object")
        assert_error(client.get(CODES), 405, "Method not allowed")

    def test_is_reached_under_its_function_name(self, batch, client):
        answer = post(client, "/functions/v1/get-batch-codes", {"batch_id": str(batch.pk)})

        assert len(numbers(answer)) == 15

    def test_costs_the_same_for_every_batch(self, batch, client, django_assert_max_num_queries):
        with django_assert_max_num_queries(8):
            ask(client, batch, exclude_codes=["1-10", "zzz"])
