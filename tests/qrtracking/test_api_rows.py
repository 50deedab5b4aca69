"""Cases, units and prepared codes as lists: filters, order, pages."""

from base64 import b64encode

import pytest
from django.test import Client

from accounts.models import Role
from qrtracking.models import UnitCode
from qrtracking.rules.sscc import make_sscc
from tests.accounts.factories import OrganizationFactory, UserFactory
from tests.qrtracking.api import (
    BATCHES,
    JOBS,
    NOBODY,
    NOT_FOUND,
    ORDERS,
    client_for,
    client_of,
    listed,
    make_batch,
)
from tests.qrtracking.factories import ReverseJobFactory
from tests.qrtracking.queue import case_of, pack, prepare

pytestmark = pytest.mark.django_db

CASES = "/api/v1/qr/cases"
CODES = "/api/v1/qr/codes"


@pytest.fixture
def batch():
    """20 units in 2 cases of 10, and 2 spares; units 1 to 4 lie in case 2."""
    batch = make_batch(variants={"JAS": 10, "MINT": 10})
    pack(batch, 2, range(1, 5))
    UnitCode.objects.filter(batch=batch, sequence_number=6).update(status="spoiled")
    return batch


@pytest.fixture
def client(batch):
    return client_of(batch, Role.VIEWER)


def numbers(answer, name="sequence_number"):
    assert answer.status_code == 200, answer.content
    return [row[name] for row in answer.json()["results"]]


def walk(client, address, query):
    """All pages, following `next`; and back, following `previous`."""
    pages = [client.get(address, query)]
    while following := pages[-1].json()["next"]:
        pages.append(client.get(following))
    back = [pages[-1]]
    while before := back[-1].json()["previous"]:
        back.append(client.get(before))
    assert [numbers(one) for one in reversed(back)] == [numbers(one) for one in pages]
    return [number for one in pages for number in numbers(one)]


class TestCodesOfBatch:
    def test_tells_all_about_a_unit(self, batch, client):
        row = client.get(f"{BATCHES}/{batch.pk}/codes", {"seq_to": "1"}).json()["results"][0]

        unit = batch.units.get(sequence_number=1)
        case = case_of(batch, 2)
        assert row == {
            "id": str(unit.pk),
            "batch_id": str(batch.pk),
            "order_id": str(batch.order_id),
            "code": unit.code,
            "sequence_number": 1,
            "product_code": "TEA100",
            "variant_id": str(unit.variant_id),
            "variant_code": "JAS",
            "status": "packed",
            "is_buffer": False,
            "planned_case_number": 1,
            "case_id": str(case.pk),
            "case_number": 2,
            "replaces_sequence_no": None,
            "last_scanned_at": None,
            "last_scanned_by_id": None,
        }

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"status": "spoiled"}, [6]),
            ({"status": ["spoiled", "packed"]}, [1, 2, 3, 4, 6]),
            ({"case": 2}, [1, 2, 3, 4]),
            ({"case": 1}, []),
            ({"case": 77}, []),
            ({"planned_case": 2}, [*range(11, 21)]),
            ({"is_buffer": "true"}, [21, 22]),
            ({"is_buffer": "false", "seq_from": 20}, [20]),
            ({"seq_from": 3, "seq_to": 5}, [3, 4, 5]),
            ({"seq_from": 10**30}, []),
            ({"ordering": "-sequence_number", "page_size": 3}, [22, 21, 20]),
        ],
    )
    def test_filters(self, batch, client, query, expected):
        assert numbers(client.get(f"{BATCHES}/{batch.pk}/codes", query)) == expected

    def test_filters_by_variant(self, batch, client):
        mint = batch.units.get(sequence_number=11).variant_id

        answer = client.get(f"{BATCHES}/{batch.pk}/codes", {"variant": str(mint)})

        assert numbers(answer) == [*range(11, 21), 22]

    @pytest.mark.parametrize("ordering", ["sequence_number", "-sequence_number"])
    def test_comes_in_pages_both_ways(self, batch, client, ordering):
        query = {"page_size": 6, "ordering": ordering}

        found = walk(client, f"{BATCHES}/{batch.pk}/codes", query)

        assert found == sorted(range(1, 23), reverse=ordering.startswith("-"))

    @pytest.mark.parametrize(
        "query",
        [
            {"status": "nonsense"},
            {"case": "x"},
            {"case": "1.5"},
            {"variant": "x"},
            {"is_buffer": "perhaps"},
            {"seq_from": "x"},
            {"ordering": "code"},
            {"ordering": ""},
            {"cursor": "cD1ub25zZW5zZQ=="},
            {"cursor": "cD05OTk5OTk5OTk5OTk5OTk5OTk5"},
            {"cursor": "x"},
        ],
    )
    def test_refuses_nonsense(self, batch, client, query):
        answer = client.get(f"{BATCHES}/{batch.pk}/codes", query)

        assert (answer.status_code, answer.json()["code"]) == (400, "validation_error")

    def test_does_not_grow_in_statements(self, batch, client, django_assert_max_num_queries):
        with django_assert_max_num_queries(8):
            client.get(f"{BATCHES}/{batch.pk}/codes", {"case": 2})


class TestCodes:
    @pytest.mark.parametrize("query", [{}, {"code": ""}, {"batch": ""}, {"code": "\x1d \t"}])
    def test_needs_a_batch_or_a_code(self, client, query):
        answer = client.get(CODES, query)

        assert (answer.status_code, answer.json()["error"]) == (400, "Give a batch or a code")

    def test_lists_the_units_of_a_batch(self, batch, client):
        assert len(numbers(client.get(CODES, {"batch": str(batch.pk)}))) == 22

    @pytest.mark.parametrize("form", ["{}", " {} ", "https://any.host/track/product/{}?utm=1"])
    def test_finds_the_unit_of_a_label(self, batch, client, form):
        code = batch.units.get(sequence_number=15).code

        assert numbers(client.get(CODES, {"code": form.format(code)})) == [15]
        assert numbers(client.get(CODES, {"code": form.format(code.lower())})) == [15]

    @pytest.mark.parametrize("text", ["zzz", "15", "SEQ:15", "15-20", "x\x1dy", "😀"])
    def test_finds_nothing_for_what_is_no_label(self, client, text):
        assert numbers(client.get(CODES, {"code": text})) == []

    def test_shows_one_unit(self, batch, client):
        unit = batch.units.get(sequence_number=15)

        assert client.get(f"{CODES}/{unit.pk}").json()["code"] == unit.code

    def test_shows_no_unit_of_others(self, batch):
        unit = batch.units.get(sequence_number=15)
        stranger = client_for(OrganizationFactory())

        answer = stranger.get(f"{CODES}/{unit.pk}")

        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
        assert numbers(stranger.get(CODES, {"code": unit.code})) == []
        assert numbers(stranger.get(CODES, {"batch": str(batch.pk)})) == []

    def test_shows_the_units_of_all_organizations_to_those_who_see_all(self, batch, client):
        unit = batch.units.get(sequence_number=15)
        everywhere = Client()
        everywhere.force_login(UserFactory(superuser=True))

        assert numbers(everywhere.get(CODES, {"code": unit.code})) == [15]


class TestCases:
    def test_lists_the_cases_of_the_organization_as_they_were_made(self, batch, client):
        other = make_batch(organization=batch.organization)
        make_batch()

        answer = client.get(CASES)

        made = [case_of(one, number) for one in (batch, other) for number in (1, 2)]
        assert set(listed(answer)) == {str(case.pk) for case in made}

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"case_number": 2}, [2]),
            ({"status": "generated"}, [1, 2]),
            ({"status": "packed"}, []),
            ({"ordering": "-case_number"}, [2, 1]),
            ({}, [1, 2]),
        ],
    )
    def test_filters(self, batch, client, query, expected):
        make_batch(organization=batch.organization)

        of_batch = client.get(CASES, {"batch": str(batch.pk)} | query)
        of_order = client.get(CASES, {"order": str(batch.order_id)} | query)
        below = client.get(f"{BATCHES}/{batch.pk}/cases", query)

        for answer in (of_batch, of_order, below):
            assert numbers(answer, "case_number") == expected

    def test_finds_the_case_of_a_label(self, batch, client):
        case = case_of(batch, 2)
        address = f"https://any.host/track/master/{case.master_code}?utm=1"

        assert listed(client.get(CASES, {"code": address})) == [str(case.pk)]
        assert listed(client.get(f"{BATCHES}/{batch.pk}/cases", {"code": "2"})) == []

    @pytest.mark.parametrize("text", ["{}", "00{}", "https://id.gs1.org/00/{}"])
    def test_finds_the_case_of_a_shipping_number(self, batch, client, text):
        case = case_of(batch, 2)
        case.sscc = make_sscc(extension_digit=0, company_prefix="4012345", serial=7)
        case.save()

        found = client.get(CASES, {"code": text.format(case.sscc)})

        assert listed(found) == [str(case.pk)]

    def test_shows_one_case(self, batch, client):
        case = case_of(batch, 2)

        body = client.get(f"{CASES}/{case.pk}").json()

        assert (body["batch_id"], body["case_number"]) == (str(batch.pk), 2)

    def test_lists_the_units_that_lie_in_a_case(self, batch, client):
        case = case_of(batch, 2)

        assert numbers(client.get(f"{CASES}/{case.pk}/units")) == [1, 2, 3, 4]
        assert numbers(client.get(f"{CASES}/{case.pk}/units", {"seq_from": 3})) == [3, 4]
        assert numbers(client.get(f"{CASES}/{case_of(batch, 1).pk}/units")) == []

    def test_shows_no_case_of_others(self, batch):
        stranger = client_for(OrganizationFactory())
        case = case_of(batch, 2)

        for address in (f"{CASES}/{case.pk}", f"{CASES}/{case.pk}/units"):
            answer = stranger.get(address)
            assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
        assert listed(stranger.get(CASES)) == []
        assert listed(stranger.get(CASES, {"code": case.master_code})) == []


class TestPrepared:
    def test_lists_what_the_job_has_prepared_in_queue_order(self, batch, client):
        job = prepare(batch, exclude=[7])

        answer = client.get(f"{JOBS}/{job.pk}/prepared", {"page_size": 2})

        row = answer.json()["results"][0]
        assert row["code"] == batch.units.get(sequence_number=5).code
        assert (row["variant_code"], row["planned_case_number"]) == ("JAS", 1)
        assert (row["status"], row["case_number"], row["consumed_at"]) == ("prepared", None, None)
        assert walk(client, f"{JOBS}/{job.pk}/prepared", {"page_size": 4}) == [
            5,
            6,
            *range(8, 21),
        ]

    def test_filters_by_status(self, batch, client):
        job = prepare(batch)
        job.prepared_codes.filter(sequence_number__lt=8).update(
            status="invalid", invalid_reason="excluded"
        )

        answer = client.get(f"{JOBS}/{job.pk}/prepared", {"status": "invalid"})

        assert numbers(answer) == [5, 6, 7]
        assert {row["invalid_reason"] for row in answer.json()["results"]} == {"excluded"}

    def test_shows_no_rows_of_others(self, batch):
        job = prepare(batch)

        answer = client_for(OrganizationFactory()).get(f"{JOBS}/{job.pk}/prepared")

        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


class TestEveryList:
    @pytest.fixture
    def addresses(self, batch):
        job = ReverseJobFactory(batch=batch)
        case = case_of(batch, 1)
        return {
            ORDERS: "order_no",
            BATCHES: "created_at",
            f"{BATCHES}/{batch.pk}/cases": "case_number",
            f"{BATCHES}/{batch.pk}/codes": "sequence_number",
            JOBS: "created_at",
            f"{JOBS}/{job.pk}/logs": "id",
            f"{JOBS}/{job.pk}/prepared": "sequence_number",
            CASES: "id",
            f"{CASES}/{case.pk}/units": "sequence_number",
            "/api/v1/jobs": None,
        }

    def test_refuses_a_filter_that_it_does_not_have(self, client, addresses):
        for address in addresses:
            answer = client.get(address, {"nonsense": "x"})

            expected = {"error": "Unknown filter: nonsense", "code": "unknown_filter"}
            assert (answer.status_code, answer.json()) == (400, expected), address

    def test_orders_by_what_is_allowed_only(self, client, addresses):
        for address, column in addresses.items():
            refused = client.get(address, {"ordering": "status"})
            assert refused.status_code == 400, address
            if column:
                for sign in ("", "-"):
                    answer = client.get(address, {"ordering": f"{sign}{column}", "page_size": 1})
                    assert answer.status_code == 200, address

    @pytest.mark.parametrize(
        "cursor",
        [
            "p=nonsense",
            "p=%00",
            "p=%F0%9F%98%80",
            "p=-1",
            "p=1e9",
            "p=9999999999999999999",
            "p=0001-01-01T00:00:00%2B14:00",
            "p=9999-12-31T23:59:59-12:00",
            "p=infinity",
            "p=",
            "o=99999999999999999999",
            "o=-1",
            "o=x",
            "r=x",
            "r=1",
            "r=1&o=5&p=1",
            "x" * 5000,
        ],
    )
    def test_answers_a_made_up_cursor_calmly(self, client, addresses, cursor):
        encoded = b64encode(cursor.encode()).decode()
        client.raise_request_exception = False

        for address, column in addresses.items():
            order = {"ordering": column} if column else {}
            answer = client.get(address, {"cursor": encoded} | order)
            assert answer.status_code in {200, 400}, (address, answer.content)

    def test_does_not_take_the_cursor_of_another_order(self, batch, client):
        make_batch(organization=batch.organization)

        by_number = client.get(ORDERS, {"ordering": "order_no", "page_size": 1}).json()["next"]
        answer = client.get(by_number.replace("ordering=order_no", "ordering=created_at"))

        assert (answer.status_code, answer.json()["error"]) == (400, "cursor: Invalid cursor")

    def test_filters_jobs_by_order(self, batch, client):
        job = ReverseJobFactory(batch=batch)

        assert listed(client.get(JOBS, {"order": str(batch.order_id)})) == [str(job.pk)]
        assert listed(client.get(JOBS, {"order": NOBODY})) == []
