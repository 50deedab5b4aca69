import pytest
from django.test import Client

from accounts.models import Role
from qrtracking.models import SsccCounter
from tests.accounts.factories import OrganizationFactory, make_member
from tests.qrtracking.api import (
    BATCHES,
    NOBODY,
    ROLE_REFUSED,
    client_for,
    client_of,
    make_batch,
    post,
)
from tests.qrtracking.epcis import read_document
from tests.qrtracking.queue import case_of, link, prepare

pytestmark = pytest.mark.django_db

CASES = "/api/v1/qr/cases"


@pytest.fixture
def batch():
    """Case 1 of two is packed."""
    batch = make_batch(order_no="ORD-HM-1125-02")
    prepare(batch)
    link(make_member(Role.OPERATOR, organization=batch.organization), batch, 1)
    return batch


class TestBatchEpcis:
    def test_is_a_document_of_the_packed_cases(self, batch):
        answer = client_of(batch, Role.VIEWER).get(f"{BATCHES}/{batch.pk}/epcis")

        assert answer.headers["Content-Type"] == "application/ld+json"
        assert answer.headers["Content-Disposition"] == (
            'attachment; filename="EPCIS_ORD-HM-1125-02.jsonld"'
        )
        assert len(read_document(answer.getvalue())) == 1

    def test_is_not_there_for_others(self, batch):
        answer = client_for(OrganizationFactory(), Role.OWNER).get(f"{BATCHES}/{batch.pk}/epcis")

        assert (answer.status_code, answer.json()["error"]) == (404, "Batch not found")

    def test_is_not_there_for_anonymous_people(self, batch):
        assert Client().get(f"{BATCHES}/{batch.pk}/epcis").status_code == 401


class TestCaseEpcis:
    def test_is_a_document_of_the_case(self, batch):
        client = client_of(batch, Role.VIEWER)

        packed = client.get(f"{CASES}/{case_of(batch, 1).pk}/epcis")
        empty = client.get(f"{CASES}/{case_of(batch, 2).pk}/epcis")

        assert packed.headers["Content-Disposition"] == (
            'attachment; filename="EPCIS_ORD-HM-1125-02_Case_1.jsonld"'
        )
        assert len(read_document(packed.getvalue())) == 1
        assert read_document(empty.getvalue()) == []

    def test_is_not_there_for_others(self, batch):
        client = client_for(OrganizationFactory(), Role.OWNER)

        answer = client.get(f"{CASES}/{case_of(batch, 1).pk}/epcis")

        assert (answer.status_code, answer.json()["error"]) == (404, "Master code not found")

    def test_is_not_there_for_anonymous_people(self, batch):
        assert Client().get(f"{CASES}/{case_of(batch, 1).pk}/epcis").status_code == 401


class TestSsccs:
    @pytest.fixture(autouse=True)
    def _counter(self, batch):
        SsccCounter.objects.create(organization=batch.organization, company_prefix="0614141")

    def test_are_given_to_the_cases_of_a_batch(self, batch):
        answer = post(client_of(batch, Role.MANAGER), f"{BATCHES}/{batch.pk}/ssccs")

        numbers = [case_of(batch, number).sscc for number in (1, 2)]
        assert (answer.status_code, answer.json()) == (
            200,
            {
                "assigned_count": 2,
                "kept_count": 0,
                "first_sscc": numbers[0],
                "last_sscc": numbers[1],
            },
        )

    def test_are_given_once_however_often_the_call_comes(self, batch):
        client, path = client_of(batch, Role.MANAGER), f"{BATCHES}/{batch.pk}/ssccs"

        first = post(client, path, headers={"Idempotency-Key": "7"})
        again = post(client, path, headers={"Idempotency-Key": "7"})

        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.json() == first.json()
        assert post(client, path).json()["kept_count"] == 2

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
    def test_are_a_matter_of_managers(self, batch, role):
        answer = post(client_of(batch, role), f"{BATCHES}/{batch.pk}/ssccs")

        assert (answer.status_code, answer.json()) == (403, ROLE_REFUSED)

    def test_need_a_company_prefix(self, batch):
        SsccCounter.objects.all().delete()

        answer = post(client_of(batch, Role.MANAGER), f"{BATCHES}/{batch.pk}/ssccs")

        assert (answer.status_code, answer.json()["code"]) == (409, "sscc_prefix_missing")

    def test_need_numbers_that_are_left(self, batch):
        SsccCounter.objects.update(next_serial=10**9)

        answer = post(client_of(batch, Role.MANAGER), f"{BATCHES}/{batch.pk}/ssccs")

        assert (answer.status_code, answer.json()["code"]) == (409, "sscc_serials_used_up")

    @pytest.mark.parametrize("key", [None, NOBODY])
    def test_are_not_given_to_batches_that_are_not_ours(self, batch, key):
        client = client_for(OrganizationFactory(), Role.OWNER)

        answer = post(client, f"{BATCHES}/{key or batch.pk}/ssccs")

        assert (answer.status_code, answer.json()["error"]) == (404, "Batch not found")

    def test_are_not_given_by_anonymous_people(self, batch):
        assert post(Client(), f"{BATCHES}/{batch.pk}/ssccs").status_code == 401
