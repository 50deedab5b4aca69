import csv
import io
import re

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from accounts.models import Role
from tests.accounts.factories import OrganizationFactory, make_member
from tests.qrtracking.api import JOBS, NO_IDS, NOBODY, client_for, client_of, make_batch
from tests.qrtracking.queue import link, prepare

pytestmark = pytest.mark.django_db

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUMMARIES = ["/api/manufacturer/scan-summary-excel", "/functions/v1/scan-summary-excel"]


def prepared_file(job, ending):
    return f"{JOBS}/{job.pk}/prepared.{ending}"


def sheets_of(answer):
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.getvalue()))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


class TestPreparedXlsx:
    def test_holds_the_prepared_units_in_order(self):
        batch = make_batch()
        job = prepare(batch, last=5)

        answer = client_of(batch, Role.VIEWER).get(prepared_file(job, "xlsx"))

        rows = sheets_of(answer)["Prepared Codes"]
        assert answer.headers["Content-Type"] == XLSX
        assert rows[0][:3] == ["Sequence", "Code", "URL"]
        assert [row[0] for row in rows[1:]] == [1, 2, 3, 4, 5]

    def test_is_a_download_that_no_cache_keeps(self):
        batch = make_batch(order_no="ORD-HM-1125-02")
        job = prepare(batch)

        answer = client_of(batch).get(prepared_file(job, "xlsx"))

        name = f"Prepared_Codes_ORD-HM-1125-02_{job.pk.hex[-8:]}.xlsx"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["Cache-Control"] == "no-store"

    def test_reads_no_row_before_it_is_asked_for_one(self, django_assert_max_num_queries):
        batch = make_batch()
        job = prepare(batch)
        client = client_of(batch)
        with django_assert_max_num_queries(8) as asked:
            answer = client.get(prepared_file(job, "xlsx"))

        assert answer.streaming
        assert not any("qr_prepared_codes" in query["sql"] for query in asked.captured_queries)

    def test_can_be_read_with_the_cookie_of_the_pages(self):
        batch = make_batch()
        job = prepare(batch)
        client = Client()
        client.force_login(make_member(Role.VIEWER, organization=batch.organization))

        assert client.get(prepared_file(job, "xlsx")).status_code == 200

    def test_is_not_made_for_its_head_alone(self, django_assert_max_num_queries):
        batch = make_batch()
        job = prepare(batch)
        client = client_of(batch)

        with django_assert_max_num_queries(8) as asked:
            answer = client.head(prepared_file(job, "xlsx"))
            content = answer.getvalue()

        assert (answer.status_code, answer.headers["Content-Type"], content) == (200, XLSX, b"")
        assert not any("qr_prepared_codes" in query["sql"] for query in asked.captured_queries)

    @pytest.mark.django_db(transaction=True)
    def test_stops_when_the_client_goes_away(self):
        batch = make_batch()
        job = prepare(batch)
        client = client_of(batch)
        answer = client.get(prepared_file(job, "xlsx"))
        next(iter(answer.streaming_content))

        answer.close()

        assert list(answer.streaming_content) == []
        assert len(sheets_of(client.get(prepared_file(job, "xlsx")))["Prepared Codes"]) == 21

    @pytest.mark.parametrize("accept", [XLSX, "text/html", "image/png", "nonsense"])
    def test_comes_whatever_the_client_says_that_it_accepts(self, accept):
        batch = make_batch()
        job = prepare(batch)

        answer = client_of(batch).get(prepared_file(job, "xlsx"), headers={"Accept": accept})

        assert answer.status_code == 200


class TestPreparedCsv:
    def test_holds_the_prepared_units_in_order(self):
        batch = make_batch()
        job = prepare(batch, last=5)

        answer = client_of(batch, Role.VIEWER).get(prepared_file(job, "csv"))

        text = answer.getvalue().decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"].endswith('.csv"')
        assert [row[0] for row in rows] == ["Sequence", "1", "2", "3", "4", "5"]


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
class TestPreparedFilesRefused:
    def test_to_other_organizations_as_unknown(self, ending):
        job = prepare(make_batch())

        answer = client_for(OrganizationFactory(), Role.OWNER).get(prepared_file(job, ending))

        assert (answer.status_code, answer.json()["error"]) == (404, "Job not found")

    def test_for_jobs_that_are_not_there(self, ending):
        answer = client_of(make_batch()).get(f"{JOBS}/{NOBODY}/prepared.{ending}")

        assert answer.status_code == 404

    def test_to_anonymous_people(self, ending):
        job = prepare(make_batch())

        assert Client().get(prepared_file(job, ending)).status_code == 401


@pytest.mark.parametrize("path", SUMMARIES)
class TestScanSummary:
    def test_holds_cases_and_the_units_in_them(self, path):
        batch = make_batch(order_no="ORD-HM-1125-02")
        prepare(batch)
        link(make_member(Role.OPERATOR, organization=batch.organization), batch, 1)

        answer = client_of(batch, Role.VIEWER).get(path, {"batch_id": str(batch.pk)})

        sheets = sheets_of(answer)
        assert list(sheets) == ["Summary", "Master Cases", "Child Codes by Master"]
        assert len(sheets["Master Cases"]) == 1 + 2
        assert len(sheets["Child Codes by Master"]) == 1 + 10

    def test_is_named_after_the_order_and_the_day(self, path):
        batch = make_batch(order_no="ORD-HM-1125-02")

        answer = client_of(batch).get(path, {"batch_id": str(batch.pk)})

        assert re.fullmatch(
            r'attachment; filename="Scan_Summary_ORD-HM-1125-02_\d{4}-\d\d-\d\d\.xlsx"',
            answer.headers["Content-Disposition"],
        )

    @pytest.mark.parametrize("query", [{}, {"batch_id": ""}])
    def test_needs_a_batch(self, path, query):
        answer = client_of(make_batch()).get(path, query)

        assert answer.status_code == 400
        assert answer.json() == {
            "success": False,
            "error": "Batch ID is required",
            "code": "missing_fields",
        }

    @pytest.mark.parametrize("batch_id", [value for value in NO_IDS if isinstance(value, str)])
    def test_finds_no_unknown_batch(self, path, batch_id):
        answer = client_of(make_batch()).get(path, {"batch_id": batch_id})

        assert (answer.status_code, answer.json()["error"]) == (404, "Batch not found")

    def test_finds_no_batch_of_another_organization(self, path):
        batch = make_batch()

        answer = client_for(OrganizationFactory()).get(path, {"batch_id": str(batch.pk)})

        assert (answer.status_code, answer.json()["error"]) == (404, "Batch not found")

    def test_refuses_anonymous_people(self, path):
        answer = Client().get(path, {"batch_id": str(make_batch().pk)})

        assert (answer.status_code, answer.json()["error"]) == (401, "Unauthorized")
