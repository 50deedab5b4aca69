"""The hot queries: what runs them, and the word by which the statement is known."""

from collections.abc import Iterator
from typing import Any

from bench.explaining import Question
from bench.site import Site, require, submit

API = "/api/manufacturer"
V1 = "/api/v1/qr"
ADMIN = "/admin/qrtracking"


def before_preparing(site: Site) -> list[Question]:
    """While the queue is empty."""
    return [
        Question("excludes: resolve 5", lambda: submit(site.actor, site.large), "qr_codes"),
        Question("prepare: count a slice", lambda: begin_job(site), "count(*) FILTER"),
        Question("prepare: a slice", lambda: begin_job(site), "INSERT INTO qr_prepared_codes"),
    ]


def begin_job(site: Site) -> None:
    """Up to the first slice that puts units into the queue."""
    from jobs.runner import run_job

    job = submit(site.actor, site.large)
    while not job.prepared_count:
        job = run_job(job, budget_seconds=0)


def after_packing(site: Site, job: Any) -> list[Question]:
    return [
        *packing(site),
        *polling(site, job),
        *finding(site),
        *excluding(site, job),
        *listing(site, job),
        *exporting(site, job),
        *cleaning(),
        *administering(site, job),
    ]


def packing(site: Site) -> Iterator[Question]:
    from qrtracking.models import MasterCode
    from qrtracking.services.linking import link_from_queue
    from qrtracking.services.unlinking import unlink_case

    def link() -> None:
        link_from_queue(
            actor=site.actor,
            batch_id=site.large.pk,
            order_id=site.large.order_id,
            master_code="CASE:200",
        )

    def unlink() -> None:
        case = MasterCode.objects.get(batch=site.large, case_number=1)
        unlink_case(actor=site.actor, case_id=case.pk)

    yield Question("link: head of the queue", link, "FOR NO KEY UPDATE OF live, unit")
    yield Question("link: facts of the case", link, "'batch_status'")
    yield Question("link: pack 100 units", link, "INSERT INTO qr_scan_events")
    yield Question("link: settle the case", link, "manufacturer_scanned_at")
    yield Question("Scan & pack: find 100 units", lambda: pack(site), "named_unit")
    yield Question("Scan & pack: pack 100 units", lambda: pack(site), "INSERT INTO qr_scan_events")
    yield Question("unlink a case", unlink, "buffer_available")


def pack(site: Site) -> None:
    from bench.qr_station import pack as pack_case

    pack_case(site, 300)


def polling(site: Site, job: Any) -> Iterator[Question]:
    from qrtracking.selectors.counts import count_queue
    from qrtracking.selectors.scan import has_ready_units
    from qrtracking.selectors.visible import get_job_status

    def progress() -> None:
        get(site, f"/api/qr/batches/{site.large.pk}/progress")

    yield Question(
        "status of a job",
        lambda: get_job_status(user=site.actor, job_id=job.pk),
        "qr_reverse_jobs",
    )
    yield Question(
        "queue of a batch, counted to 10,000", lambda: count_queue(batch=site.large), "head.units"
    )
    yield Question(
        "whether anything is queued", lambda: has_ready_units(batch=site.large), "qr_prepared_codes"
    )
    yield Question("progress: sums of the cases", progress, "SUM(")
    yield Question("progress: spares", progress, "qr_codes")
    yield Question("progress: latest scans", progress, "unnest(")
    yield Question("progress: every case", progress, '"expected_unit_count", "qr_master')


def finding(site: Site) -> Iterator[Question]:
    from qrtracking.models import UnitCode
    from qrtracking.selectors.scan import find_label

    unit = UnitCode.objects.get(batch=site.large, sequence_number=site.large.planned_unique_codes)
    forms = {
        "whole": unit.code,
        "less two characters": unit.code[:-2],
        "less its suffix": unit.code[:-13],
        "in an address": f"https://any.host/track/product/{unit.code}?utm=1",
        "two letters": unit.code[:2],
    }
    for form, text in forms.items():

        def find(text: str = text) -> None:
            find_label(user=site.actor, text=text)

        yield Question(f"unit by its code, {form}", find, "upper(code)")


def excluding(site: Site, job: Any) -> Iterator[Question]:
    from bench.qr_station import codes_of

    text = "\n".join(codes_of(site, 400))
    batch = {"batch_id": str(site.large.pk)}

    def post(path: str, body: dict[str, Any]) -> None:
        require(site.client.post(path, body, "application/json"))

    yield Question(
        "excludes: preview of 100 codes",
        lambda: post(f"{V1}/resolve", batch | {"text": text}),
        "judged AS",
    )
    yield get_question(
        site, "excludes: of a job", f"{V1}/reverse-jobs/{job.pk}/excludes", "judged AS"
    )
    middle = {"exclude_codes": ["500-100000"], "limit": 1000}
    yield Question(
        "available codes: 1,000 after 100,000 excluded",
        lambda: post(f"{API}/get-batch-codes", batch | middle),
        "int4multirange",
    )


def listing(site: Site, job: Any) -> Iterator[Question]:
    batch = f"{V1}/batches/{site.large.pk}"
    deep = site.large.planned_unique_codes - 500
    variant = site.large.order.items.get().variant_id
    units = {
        "first page": "",
        "from a number on": f"seq_from={deep}",
        "of a status": "status=packed",
        "of a status that none has": "status=redeemed",
        "of a variant": f"variant={variant}",
        "spares": "is_buffer=true",
        "in a case": "case=1",
        "planned for a case": "planned_case=500",
        "status and number": f"status=generated&seq_from={deep}",
    }
    cases = {"first page": "", "packed": "status=packed", "by number": "case_number=500"}
    for name, query in cases.items():
        yield get_question(site, f"cases: {name}", f"{batch}/cases?{query}", "qr_master_codes")
    for name, query in units.items():
        yield get_question(site, f"codes: {name}", f"{batch}/codes?{query}", "qr_codes")
    rows = f"{V1}/reverse-jobs/{job.pk}/prepared"
    for name, query in {"first page": "", "consumed": "status=consumed"}.items():
        yield get_question(site, f"prepared: {name}", f"{rows}?{query}", "qr_prepared_codes")
    history = f"{API}/scan-history"
    yield get_question(site, "history of all orders", history, "manufacturer_scanned_at")
    yield get_question(
        site,
        "history of an order",
        f"{history}?order_id={site.large.order_id}",
        "manufacturer_scanned_at",
    )
    page = signed_in(site.actor)
    yield Question(
        "history page of a batch",
        lambda: require(page.get(f"/scan/b/{site.large.pk}/history/")),
        "qr_scan_events",
    )


def exporting(site: Site, job: Any) -> Iterator[Question]:
    from qrtracking.exports.pages import NO_ID, PAGE_ROWS

    middle = site.large.planned_unique_codes // 2
    of_job = {"job": job.pk, "after_id": NO_ID, "limit": PAGE_ROWS}
    of_batch = {"batch": site.large.pk, "case": None, "after_case": 0, "limit": PAGE_ROWS}
    yield exported("prepared codes, first page", "export_prepared", of_job | {"after_sequence": 0})
    yield exported(
        "prepared codes, in the middle", "export_prepared", of_job | {"after_sequence": middle}
    )
    yield exported("cases", "export_cases", of_batch)
    yield exported(
        "packed units", "export_packed_units", of_batch | {"after_case": 20, "after_sequence": 0}
    )
    yield exported("EPCIS, cases", "export_epcis_cases", of_batch | {"units": PAGE_ROWS})


def exported(name: str, statement: str, parameters: dict[str, Any]) -> Question:
    """A page of a file."""
    from qrtracking import statements

    return Question(f"export: {name}", lambda: statements.fetch_all(statement, parameters), "LIMIT")


def cleaning() -> Iterator[Question]:
    from qrtracking.services.cleaning import keep_house
    from qrtracking.services.retention import delete_expired

    yield Question("housekeeping: stale rows", keep_house, "'packed_elsewhere'")
    yield Question("housekeeping: rows of completed batches", keep_house, "batch.status = ")
    yield Question("housekeeping: cancelled batches", keep_house, '"qr_batches"."cursor" =')
    yield Question("retention: expired jobs", delete_expired, "completed_at")


def administering(site: Site, job: Any) -> Iterator[Question]:
    from accounts.models import User

    client = signed_in(
        User.objects.create(username="bench-admin", is_staff=True, is_superuser=True)
    )
    pages = {
        "units of a batch": (f"unitcode/?batch__id__exact={site.large.pk}", "qr_codes"),
        "units of a batch, packed": (
            f"unitcode/?batch__id__exact={site.large.pk}&status__exact=packed",
            "qr_codes",
        ),
        "prepared codes of a job": (
            f"preparedcode/?job__id__exact={job.pk}",
            'FROM "qr_prepared_codes"',
        ),
        "queue of a job, sampled": (f"preparedcode/?job__id__exact={job.pk}", "AS part (job_id"),
        "packing of a batch by the hour": (f"batch/{site.large.pk}/progress/", "DATE_TRUNC"),
        "cases of a batch": (f"mastercode/?batch__id__exact={site.large.pk}", "qr_master_codes"),
        "events of a batch": (f"scanevent/?batch__id__exact={site.large.pk}", "qr_scan_events"),
        "reverse jobs": ("reversejob/", "qr_reverse_jobs"),
        "batches": ("batch/", "qr_batches"),
    }
    for name, (page, word) in pages.items():

        def look(page: str = page) -> None:
            require(client.get(f"{ADMIN}/{page}"))

        yield Question(f"admin: {name}", look, word)


def signed_in(user: Any) -> Any:
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def get_question(site: Site, query: str, path: str, word: str) -> Question:
    return Question(query, lambda: get(site, path), word)


def get(site: Site, path: str) -> None:
    require(site.client.get(path))
