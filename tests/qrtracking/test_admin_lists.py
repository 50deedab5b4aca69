"""The admin's lists of units, events, the queue and the rest; and what their hot queries read."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qrtracking.models import (
    MasterCode,
    Order,
    PreparedCode,
    ReverseJob,
    ScanEvent,
    SsccCounter,
    UnitCode,
)
from tests.accounts.factories import OrganizationFactory, make_member
from tests.qrtracking.factories import (
    ReverseJobFactory,
    ScanEventFactory,
    ScanItemFactory,
    make_generated_batch,
)
from tests.qrtracking.queue import case_of, link, prepare
from tests.qrtracking.staff import list_of, page_of, staff_client

pytestmark = pytest.mark.django_db

RIGHTS = (
    "view_batch",
    "view_mastercode",
    "view_order",
    "view_orderitem",
    "view_preparedcode",
    "view_reversejob",
    "view_scanevent",
    "view_unitcode",
)


@pytest.fixture
def viewer():
    return staff_client(*RIGHTS)


@pytest.fixture
def batch():
    """40 units and 4 spares; all units are prepared, case 1 is packed."""
    batch = make_generated_batch(units=40, per_case=10, order_no="ORD-HM-1125-77")
    job = prepare(batch)
    ReverseJob.objects.filter(pk=job.pk).update(prepared_count=40, label="Night shift")
    link(make_member(organization=batch.organization, username="olive"), batch, 1)
    return batch


@pytest.fixture
def job(batch):
    return ReverseJob.objects.get(batch=batch)


def of(batch) -> dict:
    return {"batch__id__exact": batch.pk}


COLUMNS = {
    ReverseJob: [
        "short_id", "organization", "order_no", "state_badge", "progress_bar", "prepared_of_total",
        "excluded", "attempt_count", "waited", "ran", "created_by", "created",
    ],
    UnitCode: [
        "code", "sequence_number", "variant", "status", "planned_case_number", "packed_in",
    ],
    PreparedCode: [
        "code", "sequence_number", "variant", "status", "reason", "case", "consumed",
    ],
    ScanEvent: ["created", "kind", "case", "unit_count", "actor", "note", "undone"],
}  # fmt: skip


class TestColumns:
    @pytest.mark.parametrize("model", COLUMNS)
    def test_are_those_of_the_contract(self, viewer, model):
        shown = viewer.get(list_of(model)).context["cl"].list_display

        assert [name for name in shown if name != "action_checkbox"] == COLUMNS[model]


class TestUnits:
    @pytest.mark.parametrize(("spare", "count"), [("yes", 4), ("no", 40), ("maybe", 0)])
    def test_are_told_from_spares(self, viewer, batch, spare, count):
        page = viewer.get(list_of(UnitCode, **of(batch), spare=spare))

        assert page.context["cl"].result_count == count

    @pytest.mark.parametrize("batch_id", ["zzz", "", "01a21251-78ca-7ed7-b612-e97ebcf461ce"])
    def test_of_no_batch_are_none(self, viewer, batch, batch_id):
        answer = viewer.get(list_of(UnitCode), {"batch__id__exact": batch_id, "spare": "yes"})

        # A text that is no id makes Django show the list without it.
        assert answer.status_code in {200, 302}
        assert "PROD-" not in answer.text

    def test_have_a_page_that_tells_where_they_are(self, viewer, batch, job):
        unit = batch.units.get(sequence_number=1)
        ScanItemFactory(batch=batch, unit=unit, outcome="refused", message="Already packed")

        page = viewer.get(page_of(unit)).text

        assert page_of(case_of(batch, 1)) in page
        assert "Packed from the queue" in page
        assert "Already packed" in page
        assert "Night shift" in page

    def test_have_a_page_also_outside_of_cases(self, viewer, batch):
        page = viewer.get(page_of(batch.units.get(sequence_number=15))).text

        assert "In no case" in page
        assert "planned for Case #2" in page
        assert "Nobody has scanned it one by one." in page


class TestQueue:
    def test_is_grouped_by_status_above_the_rows_of_a_job(self, viewer, job):
        rows = PreparedCode.objects.filter(job=job, sequence_number__gt=38)
        rows.update(status="invalid", invalid_reason="excluded")

        page = viewer.get(list_of(PreparedCode, job__id__exact=job.pk))

        parts = [(part.words, part.number) for part in page.context["queue_state"].parts]
        assert parts == [("consumed", 10), ("excluded", 2), ("prepared", 28)]
        assert "40 prepared" in page.text

    def test_says_what_was_reckoned(self, viewer, job, monkeypatch):
        monkeypatch.setattr("qrtracking.selectors.monitor.ROWS_READ", 20)
        monkeypatch.setattr("qrtracking.selectors.monitor.WINDOW", 5)

        page = viewer.get(list_of(PreparedCode, job__id__exact=job.pk)).text

        assert "what is rare may be missing" in page

    @pytest.mark.parametrize(("status", "count"), [("prepared", 30), ("consumed", 10)])
    def test_is_filtered_by_status(self, viewer, job, status, count):
        query = {"job__id__exact": job.pk, "status__exact": status}

        assert viewer.get(list_of(PreparedCode, **query)).context["cl"].result_count == count

    def test_offers_the_newest_jobs_to_choose_from(self, viewer, job):
        page = viewer.get(list_of(PreparedCode)).text

        assert "Choose a job first" in page
        assert f'href="?job__id__exact={job.pk}"' in page

    def test_of_another_organization_is_not_counted(self, job):
        stranger = staff_client(*RIGHTS, organization=OrganizationFactory())

        page = stranger.get(list_of(PreparedCode, job__id__exact=job.pk))

        assert "queue_state" not in page.context
        assert "Night shift" not in page.text


class TestEvents:
    def test_tell_who_undid_them(self, viewer, batch):
        mara = make_member(organization=batch.organization, username="mara")
        undoing = ScanEventFactory(batch=batch, kind="undo", actor=mara)
        ScanEvent.objects.filter(batch=batch, kind="link_queue").update(undone_by_event=undoing)

        page = viewer.get(list_of(ScanEvent, **of(batch), kind__exact="link_queue")).text

        assert "mara, 20" in page
        assert "Packed from the queue" in page


class TestReverseJobPage:
    def test_tells_what_became_of_each_exclude(self, viewer, batch):
        job = ReverseJobFactory(batch=batch, exclude_codes=["1", "15-16", "?zzz"])

        page = viewer.get(page_of(job))

        lines = [(line.entry, line.judgement.outcome) for line in page.context["excludes"].lines]
        assert lines == [("1", "already_packed"), ("15-16", "matched"), ("zzz", "not_found")]
        assert "already packed" in page.text

    def test_pages_through_excludes(self, viewer, batch, monkeypatch):
        monkeypatch.setattr("qrtracking.admin.reverse_jobs.EXCLUDES_SHOWN", 2)
        job = ReverseJobFactory(batch=batch, exclude_codes=["1", "2", "3"])

        first = viewer.get(page_of(job))
        second = viewer.get(page_of(job), {"excludes": first.context["excludes"].following})

        assert [line.entry for line in first.context["excludes"].lines] == ["1", "2"]
        assert [line.entry for line in second.context["excludes"].lines] == ["3"]
        assert "First excludes" in second.text

    @pytest.mark.parametrize("place", ["x", "-1", "9" * 20, "²", "5"])
    def test_bears_any_place(self, viewer, job, place):
        assert viewer.get(page_of(job), {"excludes": place}).status_code == 200

    def test_leads_to_the_exports_the_list_and_the_batch(self, viewer, batch, job):
        page = viewer.get(page_of(job)).text

        assert f"/api/v1/qr/reverse-jobs/{job.pk}/prepared.xlsx" in page
        assert f"/api/v1/qr/reverse-jobs/{job.pk}/prepared.csv" in page
        assert list_of(PreparedCode, job__id__exact=job.pk) in page
        assert page_of(batch, "progress") in page

    @pytest.mark.parametrize("kind", ["xlsx", "csv"])
    def test_its_exports_open_in_the_session_of_staff(self, viewer, job, kind):
        answer = viewer.get(f"/api/v1/qr/reverse-jobs/{job.pk}/prepared.{kind}")

        assert answer.status_code == 200
        assert b"".join(answer.streaming_content)


class TestOrderPage:
    def test_shows_its_items_without_keys_of_the_database(self, viewer, batch):
        item = batch.order.items.get()

        page = viewer.get(page_of(batch.order)).text

        assert "MINT" in page
        assert f"{item.qty} of {item.variant_id}" not in page

    def test_leads_to_the_progress_of_its_batch(self, viewer, batch):
        assert page_of(batch, "progress") in viewer.get(list_of(Order)).text


class TestSsccCounters:
    @pytest.fixture
    def counter(self):
        return SsccCounter.objects.create(
            organization=OrganizationFactory(), company_prefix="0614141", next_serial=500
        )

    @pytest.fixture
    def staff(self):
        return staff_client("view_sscccounter", "change_sscccounter", "delete_sscccounter")

    def test_are_never_set_back(self, staff, counter):
        form = {"company_prefix": "0614141", "extension_digit": 3, "next_serial": 1}

        staff.post(page_of(counter), form)

        counter.refresh_from_db()
        assert (counter.extension_digit, counter.next_serial) == (3, 500)

    def test_are_never_deleted(self, staff, counter):
        assert staff.post(page_of(counter, "delete"), {"post": "yes"}).status_code == 403

    def test_are_listed_for_their_organization_only(self, counter):
        own = staff_client("view_sscccounter", organization=counter.organization)
        other = staff_client("view_sscccounter", organization=OrganizationFactory())

        assert "0614141" in own.get(list_of(SsccCounter)).text
        assert "0614141" not in other.get(list_of(SsccCounter)).text


UNITS = 30_000


@pytest.fixture(scope="class")
def big(django_db_setup, django_db_blocker):
    """30,000 units in 300 cases, all prepared, none packed; committed, with statistics."""
    with django_db_blocker.unblock():
        batch = make_generated_batch(units=UNITS)
        job = prepare(batch)
        ReverseJob.objects.filter(pk=job.pk).update(prepared_count=UNITS)
        _execute("ANALYZE")
    yield batch
    with django_db_blocker.unblock():
        tables = "qr_prepared_codes, qr_codes, qr_master_codes, qr_reverse_jobs, qr_orders"
        _execute(f"TRUNCATE {tables}, qr_products, qr_batches CASCADE")
        job.created_by.delete()
        batch.organization.delete()
        for model in (UnitCode, PreparedCode, MasterCode):
            _execute(f"ANALYZE {model._meta.db_table}")


# One worker, since making it takes longer than all that is asked of it.
@pytest.mark.xdist_group("big-batch")
class TestABigBatch:
    """What the hungriest statement of a page reads: never the whole of a table of codes."""

    @pytest.mark.parametrize(
        ("address", "most"),
        [
            (lambda batch, job: list_of(UnitCode, **of(batch), spare="no"), 10_100),
            (lambda batch, job: list_of(UnitCode, **of(batch), spare="yes"), 3_100),
            (lambda batch, job: list_of(UnitCode, **of(batch), p=100), 10_100),
            (lambda batch, job: list_of(UnitCode, q=batch.units.get(sequence_number=9).code), 10),
            (lambda batch, job: list_of(PreparedCode, job__id__exact=job.pk), 20_100),
            (lambda batch, job: list_of(MasterCode, **of(batch)), 400),
            (lambda batch, job: page_of(batch, "progress"), 20_100),
            (lambda batch, job: page_of(batch, "progress_live"), 20_100),
            (lambda batch, job: page_of(job), 20_100),
            (lambda batch, job: page_of(job, "live"), 300),
            (lambda batch, job: page_of(case_of(batch, 7)), 310),
            (lambda batch, job: page_of(batch.units.get(sequence_number=9)), 10),
        ],
        ids=[
            "units", "spares", "far-page", "unit-by-code", "queue", "cases", "progress",
            "progress-live", "job", "job-live", "case", "unit",
        ],
    )  # fmt: skip
    def test_is_shown_without_reading_its_units(self, viewer, big, address, most):
        job = ReverseJob.objects.get(batch=big)

        assert _rows_read(viewer, address(big, job)) <= most


def _rows_read(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    tables = '"qr_codes"', '"qr_prepared_codes"', "qr_prepared_codes", '"qr_master_codes"'
    asked = [q["sql"] for q in captured if any(f"FROM {table}" in q["sql"] for table in tables)]
    return max((_rows_of(statement) for statement in asked), default=0)


def _rows_of(statement):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
        (plans,) = cursor.fetchone()
    return sum(_scanned(node) for node in _nodes(plans[0]["Plan"]))


def _nodes(node):
    yield node
    for child in node.get("Plans", []):
        yield from _nodes(child)


def _scanned(node):
    """As the executor counts them: rows of all loops together, also those that a filter drops."""
    if "Scan" not in node["Node Type"] or "Relation Name" not in node:
        return 0
    removed = node.get("Rows Removed by Filter", 0)
    return (node["Actual Rows"] + removed) * node["Actual Loops"]


def _execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
