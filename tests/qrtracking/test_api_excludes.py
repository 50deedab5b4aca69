"""What excludes mean: those of a job, and those of a text that is only pasted."""

import pytest

from accounts.models import Role
from qrtracking.models import ReverseJob, UnitCode
from qrtracking.rules import portions
from tests.accounts.factories import OrganizationFactory
from tests.qrtracking.api import (
    JOBS,
    NO_IDS,
    NOT_FOUND,
    client_for,
    client_of,
    make_batch,
    post,
    submit,
)
from tests.qrtracking.queue import pack

pytestmark = pytest.mark.django_db

RESOLVE = "/api/v1/qr/resolve"


@pytest.fixture
def batch():
    """JAS 1-10, MINT 11-20, spares 21 and 22; 1 to 4 lie in case 2, 6 is spoiled."""
    batch = make_batch(variants={"JAS": 10, "MINT": 10})
    pack(batch, 2, range(1, 5))
    UnitCode.objects.filter(batch=batch, sequence_number=6).update(status="spoiled")
    return batch


@pytest.fixture
def client(batch):
    return client_of(batch, Role.VIEWER)


def code_of(batch, number):
    return batch.units.get(sequence_number=number).code


def lines(rows):
    return [(row["entry"], row["outcome"], row["unit_count"]) for row in rows]


def resolve(client, batch, text, **changes):
    return post(client, RESOLVE, {"batch_id": str(batch.pk), "text": text} | changes)


class TestResolve:
    def test_says_what_each_entry_means(self, batch, client):
        other = make_batch(organization=batch.organization)
        text = f"{code_of(batch, 15)}\n5, 2; SEQ:6 21 zzz 20-15\n{code_of(other, 15)}"

        body = resolve(client, batch, text).json()

        assert lines(body["entries"]) == [
            (code_of(batch, 15), "matched", 1),
            ("5", "matched", 1),
            ("2", "already_packed", 1),
            ("SEQ:6", "not_needed", 1),
            ("21", "not_needed", 1),
            ("zzz", "not_found", 0),
            ("20-15", "not_found", 0),
            (code_of(other, 15), "not_found", 0),
        ]
        assert (body["entry_count"], body["judged_count"], body["is_complete"]) == (8, 8, True)
        assert body["not_found_count"] == 3

    def test_tells_all_about_a_range(self, batch, client):
        body = resolve(client, batch, "3-7").json()

        assert body["entries"] == [
            {
                "entry": "3-7",
                "outcome": "matched",
                "unit_count": 5,
                "matched_count": 2,
                "already_packed_count": 2,
                "not_needed_count": 1,
                "first_sequence": 3,
                "last_sequence": 7,
                "case_number": 2,
            }
        ]

    def test_counts_each_unit_once(self, batch, client):
        text = f"15-20, SEQ:15, {code_of(batch, 15)}, zzz, 1-2, 2"

        body = resolve(client, batch, text).json()

        counts = [body[f"{name}_count"] for name in ("unit", "matched", "already_packed")]
        assert counts == [8, 6, 2]
        assert body["not_needed_count"] == 0

    def test_judges_by_the_filters_of_a_job(self, batch, client):
        mint = str(batch.units.get(sequence_number=11).variant_id)

        of_variant = resolve(client, batch, "5 15", filter_variant_id=mint).json()
        of_case = resolve(client, batch, "5 15", filter_case_numbers=[1]).json()

        outcomes = [[row["outcome"] for row in body["entries"]] for body in (of_variant, of_case)]
        assert outcomes == [["not_needed", "matched"], ["matched", "not_needed"]]

    def test_says_the_same_as_the_job(self, batch, client):
        text = f"{code_of(batch, 15)}, 5-7, 1, 21, zzz, 15"

        preview = resolve(client, batch, text).json()
        answer = submit(client_of(batch), batch, exclude_codes=[text], process_now=True)

        summary = answer.json()["result"]
        assert preview["matched_count"] == summary["excluded_matched"] == 3
        assert preview["already_packed_count"] == summary["excluded_already_packed_count"] == 1
        assert preview["not_needed_count"] == summary["excluded_not_needed"] == 2
        assert preview["not_found_count"] == summary["excluded_not_found_count"] == 1
        assert preview["entry_count"] == summary["excluded_count"]

    def test_submits_nothing(self, batch, client):
        resolve(client, batch, "1-5")

        assert not ReverseJob.objects.exists()

    @pytest.mark.parametrize("text", ["", " \n;,\t"])
    def test_takes_a_text_without_entries(self, batch, client, text):
        body = resolve(client, batch, text).json()

        assert (body["entry_count"], body["entries"], body["is_complete"]) == (0, [], True)

    def test_judges_only_the_first_part_of_a_long_text(self, batch, client, monkeypatch):
        monkeypatch.setattr(portions, "MOST_UNITS", 5)

        body = resolve(client, batch, "1-4, 5, 6, 7").json()

        assert (body["entry_count"], body["judged_count"], body["is_complete"]) == (4, 2, False)
        assert body["unit_count"] == 5

    def test_lists_the_first_thousand_entries(self, batch, client):
        body = resolve(client, batch, "\n".join(f"x{number}" for number in range(1001))).json()

        assert (len(body["entries"]), body["not_found_count"]) == (1000, 1001)

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"text": None}, "text must be a string"),
            ({"text": ["1"]}, "text must be a string"),
            ({"text": "x" * 501}, "exclude_codes has an entry over 500 characters"),
            (
                {"text": "\n".join(f"x{number}" for number in range(100_001))},
                "exclude_codes has over 100000 entries",
            ),
            ({"text": "1", "filter_variant_id": "x"}, "filter_variant_id is not of this batch"),
            (
                {"text": "1", "filter_case_numbers": [9]},
                "filter_case_numbers are not of this batch",
            ),
        ],
    )
    def test_refuses_what_a_job_would_refuse(self, batch, client, changes, error):
        answer = post(client, RESOLVE, {"batch_id": str(batch.pk)} | changes)

        assert (answer.status_code, answer.json()["error"]) == (400, error)

    def test_misses_batch_and_text(self, batch, client):
        no_batch = post(client, RESOLVE, {})
        no_text = post(client, RESOLVE, {"batch_id": str(batch.pk)})

        assert no_batch.json()["error"] == "Missing required fields: batch_id"
        assert no_text.json()["error"] == "Missing required fields: batch_id, text"

    @pytest.mark.parametrize("value", NO_IDS)
    def test_does_not_know_a_made_up_batch(self, client, value):
        answer = post(client, RESOLVE, {"batch_id": value, "text": "1"})

        assert (answer.status_code, answer.json()["error"]) == (404, "Batch not found")

    def test_does_not_know_the_batch_of_others(self, batch):
        answer = resolve(client_for(OrganizationFactory()), batch, "1")

        assert (answer.status_code, answer.json()["error"]) == (404, "Batch not found")


class TestExcludesOfJob:
    @pytest.fixture
    def job(self, batch):
        texts = [f"{code_of(batch, 15)}", "5-7", "1", "21", "zzz", "20-15"]
        answer = submit(client_of(batch), batch, exclude_codes=texts)
        return ReverseJob.objects.get(pk=answer.json()["job_id"])

    def test_says_what_each_entry_means(self, batch, client, job):
        body = client.get(f"{JOBS}/{job.pk}/excludes").json()

        assert lines(body["results"]) == [
            (code_of(batch, 15), "matched", 1),
            ("5-7", "matched", 3),
            ("1", "already_packed", 1),
            ("21", "not_needed", 1),
            ("zzz", "not_found", 0),
            ("20-15", "not_found", 0),
        ]
        assert body["next"] is body["previous"] is None

    def test_comes_in_pages(self, client, job):
        answer = client.get(f"{JOBS}/{job.pk}/excludes", {"page_size": 4})
        found = lines(answer.json()["results"])
        last = client.get(answer.json()["next"]).json()

        assert (len(found), [row["entry"] for row in last["results"]]) == (4, ["zzz", "20-15"])
        assert last["next"] is None

    def test_ends_a_page_early_where_ranges_hold_many_units(self, client, job, monkeypatch):
        monkeypatch.setattr(portions, "MOST_UNITS", 3)
        entries, address = [], f"{JOBS}/{job.pk}/excludes"
        pages = 0
        while address:
            body = client.get(address).json()
            entries += [row["entry"] for row in body["results"]]
            address, pages = body["next"], pages + 1

        assert entries[1:] == ["5-7", "1", "21", "zzz", "20-15"]
        assert pages == 4

    def test_judges_by_the_filters_of_the_job(self, batch, client):
        answer = submit(client_of(batch), batch, exclude_codes=["5", "15"], filter_case_numbers=[2])

        rows = client.get(f"{JOBS}/{answer.json()['job_id']}/excludes").json()["results"]

        assert [row["outcome"] for row in rows] == ["not_needed", "matched"]

    def test_reads_a_long_list_page_by_page(self, batch, client, django_assert_max_num_queries):
        texts = [f"x{number}" for number in range(100_000)]
        answer = submit(client_of(batch), batch, exclude_codes=texts)
        address = f"{JOBS}/{answer.json()['job_id']}/excludes"

        with django_assert_max_num_queries(6):
            first = client.get(address, {"page_size": 500}).json()
        cursor = "OTk5OTA="  # 99990
        last = client.get(address, {"cursor": cursor}).json()

        assert [row["entry"] for row in first["results"]] == texts[:500]
        assert [row["entry"] for row in last["results"]] == texts[99_990:]
        assert last["next"] is None

    def test_is_empty_for_a_job_without_excludes(self, batch, client):
        answer = submit(client_of(batch), batch)

        body = client.get(f"{JOBS}/{answer.json()['job_id']}/excludes").json()

        assert body == {"next": None, "previous": None, "results": []}

    @pytest.mark.parametrize("cursor", ["x", "LTE=", "OTk5OTk5OTk5OTk5OTk=", "w6k=", "é", ""])
    def test_refuses_a_made_up_cursor(self, client, job, cursor):
        answer = client.get(f"{JOBS}/{job.pk}/excludes", {"cursor": cursor})

        assert (answer.status_code, answer.json()["error"]) == (400, "cursor: Invalid cursor")

    def test_is_empty_beyond_the_end(self, client, job):
        body = client.get(f"{JOBS}/{job.pk}/excludes", {"cursor": "OTk5OTA="}).json()

        assert (body["results"], body["next"]) == ([], None)

    @pytest.mark.parametrize("size", ["0", "-1", "x", "9" * 50, "²"])
    def test_takes_its_own_size_for_a_made_up_one(self, client, job, size):
        body = client.get(f"{JOBS}/{job.pk}/excludes", {"page_size": size}).json()

        assert len(body["results"]) == 6

    def test_refuses_unknown_filters(self, client, job):
        answer = client.get(f"{JOBS}/{job.pk}/excludes", {"status": "x"})

        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_filter")

    def test_shows_nothing_to_others(self, job):
        answer = client_for(OrganizationFactory()).get(f"{JOBS}/{job.pk}/excludes")

        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)
