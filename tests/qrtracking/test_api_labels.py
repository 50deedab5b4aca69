"""`/api/v1/qr/label-sheets`."""

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from accounts.models import Role
from qrtracking.models import Batch, LabelSheet, MasterCode
from tests.accounts.factories import OrganizationFactory, bearer, grant, make_member
from tests.qrtracking.api import (
    NO_IDS,
    NOT_FOUND,
    ROLE_REFUSED,
    client_for,
    client_of,
    listed,
    make_batch,
    post,
)
from tests.qrtracking.factories import LabelPrinterFactory, LabelSheetFactory
from tests.qrtracking.labels import read_pdf, with_file, work_off

pytestmark = pytest.mark.django_db

SHEETS = "/api/v1/qr/label-sheets"


@pytest.fixture
def batch() -> Batch:
    return make_batch()


@pytest.fixture
def manager(batch: Batch) -> Client:
    return client_of(batch, Role.MANAGER)


def ask(client: Client, batch: Batch, **changes):
    extra = changes.pop("extra", {})
    body = {"batch_id": str(batch.pk), "kind": "unit", "from": 1, "to": 5}
    return post(client, SHEETS, body | changes, **extra)


def lock(batch: Batch) -> None:
    MasterCode.objects.filter(batch=batch, case_number=1).update(
        status="received_warehouse", actual_unit_count=10
    )


class TestCreate:
    def test_answers_at_once_with_a_job(self, batch, manager):
        answer = ask(manager, batch)

        sheet = LabelSheet.objects.get()
        assert answer.status_code == 202
        assert answer["Location"] == f"{SHEETS}/{sheet.pk}"
        body = answer.json()
        assert body["id"] == str(sheet.pk)
        assert (body["status"], body["kind"], body["from"], body["to"]) == ("queued", "unit", 1, 5)
        assert (body["layout"], body["copies"]) == ("a4_65", 1)
        assert (body["label_count"], body["page_count"], body["verified_count"]) == (5, 1, 0)
        assert (body["file_url"], body["file_size"]) == (None, None)

    def test_gives_every_case_the_extra_stickers_of_its_order(self, manager, batch):
        batch.order.extra_qr_master = 2
        batch.order.save()

        answer = ask(manager, batch, kind="case", to=2)

        assert (answer.json()["copies"], answer.json()["label_count"]) == (3, 6)

    def test_takes_as_many_stickers_of_a_case_as_are_asked_for(self, manager, batch):
        assert ask(manager, batch, kind="case", to=2, copies=4).json()["label_count"] == 8

    def test_is_one_sheet_for_one_idempotency_key(self, manager, batch):
        extra = {"headers": {"Idempotency-Key": "sheet-1"}}

        first, again = (ask(manager, batch, extra=extra) for _ in range(2))
        other = ask(manager, batch, to=6, extra=extra)

        assert first.json()["id"] == again.json()["id"]
        assert again["Idempotent-Replayed"] == "true"
        assert other.status_code == 422
        assert LabelSheet.objects.count() == 1

    @pytest.mark.parametrize(
        ("kind", "highest"), [("unit", 20), ("spare", 2), ("case", 2)], ids=str
    )
    def test_knows_the_numbers_of_each_kind(self, batch, manager, kind, highest):
        assert ask(manager, batch, kind=kind, to=highest).status_code == 202

        answer = ask(manager, batch, kind=kind, to=highest + 1)

        assert answer.status_code == 400
        assert answer.json()["code"] == "label_range_invalid"
        assert answer.json()["error"] == f"from and to must be {kind} numbers from 1 to {highest}"

    def test_refuses_a_range_that_runs_backwards(self, batch, manager):
        assert ask(manager, batch, **{"from": 5, "to": 4}).json()["code"] == "label_range_invalid"

    def test_says_that_a_batch_has_no_spares(self):
        batch = make_batch(spare_percent=0)

        answer = ask(client_of(batch, Role.MANAGER), batch, kind="spare", to=1)

        assert answer.json()["error"] == "This batch has no spare labels"

    def test_refuses_more_than_20000_labels(self, batch, manager):
        Batch.objects.update(planned_unique_codes=30_000, total_unique_codes=30_002)

        answer = ask(manager, batch, to=20_001)

        assert (answer.status_code, answer.json()["code"]) == (400, "too_many_labels")
        assert ask(manager, batch, to=20_000).status_code == 202

    def test_refuses_copies_of_units(self, batch, manager):
        answer = ask(manager, batch, copies=2)

        assert (answer.status_code, answer.json()["code"]) == (400, "label_copies_invalid")

    @pytest.mark.parametrize("status", ["pending", "queued", "processing", "failed", "cancelled"])
    def test_waits_for_the_codes(self, batch, manager, status):
        Batch.objects.update(status=status)

        answer = ask(manager, batch)

        assert (answer.status_code, answer.json()["code"]) == (409, "batch_state")
        assert answer.json()["error"] == f"Labels of this batch cannot be made now ({status})"

    @pytest.mark.parametrize("status", ["generated", "printing", "in_production", "completed"])
    def test_goes_on_while_and_after_the_batch_is_packed(self, batch, manager, status):
        Batch.objects.update(status=status)

        assert ask(manager, batch).status_code == 202

    def test_goes_on_when_the_order_is_locked(self, batch, manager):
        lock(batch)

        answer = ask(manager, batch, kind="case", to=1)

        assert answer.status_code == 202
        assert work_off(LabelSheet.objects.get()).status == "completed"
        assert batch.cases.get(case_number=1).status == "received_warehouse"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("batch_id", "nonsense"),
            ("batch_id", None),
            ("kind", "units"),
            ("kind", None),
            ("from", 0),
            ("from", "x"),
            ("to", 10**20),
            ("to", None),
            ("layout", "a3"),
            ("copies", 12),
            ("printer_id", "x"),
        ],
    )
    def test_names_the_field_that_is_wrong(self, batch, manager, field, value):
        answer = ask(manager, batch, **{field: value})

        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == [field]
        assert not LabelSheet.objects.exists()


class TestPrinter:
    def test_takes_zpl(self, batch, manager):
        printer = LabelPrinterFactory(organization=batch.organization)

        answer = ask(manager, batch, layout="zpl", printer_id=str(printer.pk))

        assert answer.status_code == 202
        assert answer.json()["printer_id"] == str(printer.pk)

    def test_takes_nothing_else(self, batch, manager):
        printer = LabelPrinterFactory(organization=batch.organization)

        answer = ask(manager, batch, printer_id=str(printer.pk))

        assert (answer.status_code, answer.json()["code"]) == (400, "label_printer_needs_zpl")

    def test_of_somebody_else_or_out_of_use_is_unknown(self, batch, manager):
        foreign = LabelPrinterFactory()
        unused = LabelPrinterFactory(organization=batch.organization, is_active=False)

        for printer in (foreign, unused):
            answer = ask(manager, batch, layout="zpl", printer_id=str(printer.pk))

            assert (answer.status_code, answer.json()["code"]) == (400, "label_printer_not_found")

    def test_list_shows_those_of_the_organization(self, batch, manager):
        printer = LabelPrinterFactory(organization=batch.organization, name="Line 1")
        LabelPrinterFactory()

        rows = manager.get("/api/v1/qr/label-printers").json()["results"]

        assert rows == [
            {
                "id": str(printer.pk),
                "name": "Line 1",
                "host": "127.0.0.1",
                "port": 9100,
                "dots_per_inch": 203,
                "is_active": True,
            }
        ]


class TestWho:
    def test_no_token_gets_in(self, batch):
        assert ask(Client(), batch).status_code == 401

    def test_viewers_ask_for_nothing(self, batch):
        answer = ask(client_of(batch, Role.VIEWER), batch, kind="case", to=1)

        assert (answer.status_code, answer.json()) == (403, ROLE_REFUSED)

    def test_operators_ask_for_the_label_of_one_case(self, batch):
        operator = client_of(batch)

        assert ask(operator, batch, kind="case", **{"from": 2, "to": 2}).status_code == 202
        for changes in ({"kind": "case", "to": 2}, {"kind": "unit", "to": 1}):
            answer = ask(operator, batch, **changes)
            assert (answer.status_code, answer.json()) == (403, ROLE_REFUSED)

    def test_another_organization_finds_no_batch(self, batch):
        answer = ask(client_for(OrganizationFactory(), Role.OWNER), batch)

        assert (answer.status_code, answer.json()["code"]) == (404, "batch_not_found")

    @pytest.mark.parametrize("key", NO_IDS, ids=lambda key: repr(key)[:20])
    def test_made_up_batches_are_not_found(self, batch, manager, key):
        assert ask(manager, batch, batch_id=key).status_code in (400, 404)

    def test_staff_need_the_right_to_generate(self, batch):
        operator = OrganizationFactory(operator=True)
        plain, allowed = (make_member(organization=operator, is_staff=True) for _ in range(2))
        grant(allowed, "generate_batch")

        assert ask(Client(headers=bearer(plain)), batch).status_code == 403
        assert ask(Client(headers=bearer(allowed)), batch).status_code == 202


class TestList:
    def test_shows_the_newest_first_and_filters(self, batch, manager):
        units, cases = (
            LabelSheetFactory(batch=batch),
            LabelSheetFactory(batch=batch, kind="case", to_number=2),
        )
        LabelSheetFactory()

        assert listed(manager.get(SHEETS)) == [str(cases.pk), str(units.pk)]
        assert listed(manager.get(f"{SHEETS}?kind=case")) == [str(cases.pk)]
        assert listed(manager.get(f"{SHEETS}?status=completed")) == []
        assert manager.get(f"{SHEETS}?layout=zpl").status_code == 400


class TestFile:
    def test_is_a_download_with_a_telling_name(self, batch, manager):
        ask(manager, batch, to=20)
        sheet = work_off(LabelSheet.objects.get())

        shown = manager.get(f"{SHEETS}/{sheet.pk}").json()
        answer = manager.get(shown["file_url"])

        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/pdf"
        name = f"Labels_{batch.order.order_no}_units_1-20.pdf"
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
        content = answer.getvalue()
        assert len(content) == shown["file_size"] == int(answer["Content-Length"])
        codes = batch.units.filter(is_buffer=False).values_list("code", flat=True)
        assert read_pdf(content) == [
            sorted(f"http://testserver/track/product/{code}" for code in codes)
        ]

    @pytest.mark.parametrize("status", ["queued", "running", "failed", "cancelled"])
    def test_is_not_there_before_the_sheet_is_complete(self, batch, manager, status):
        sheet = LabelSheetFactory(batch=batch, status=status)

        answer = manager.get(f"{SHEETS}/{sheet.pk}/file")

        assert (answer.status_code, answer.json()["code"]) == (409, "label_file_not_ready")
        assert answer["Content-Type"] == "application/json"

    def test_that_was_deleted_is_not_found(self, batch, manager):
        sheet = with_file(LabelSheetFactory(batch=batch))
        default_storage.delete(sheet.file.name)

        answer = manager.get(f"{SHEETS}/{sheet.pk}/file")

        assert (answer.status_code, answer.json()["code"]) == (404, "label_file_gone")

    def test_begins_the_printing_of_the_batch_once(self, batch, manager):
        sheet = with_file(LabelSheetFactory(batch=batch))

        manager.get(f"{SHEETS}/{sheet.pk}/file")

        batch.refresh_from_db()
        sheet.refresh_from_db()
        first = sheet.downloaded_at
        assert (batch.status, first is not None) == ("printing", True)
        Batch.objects.update(status="in_production")
        manager.get(f"{SHEETS}/{sheet.pk}/file")
        batch.refresh_from_db()
        sheet.refresh_from_db()
        assert (batch.status, sheet.downloaded_at) == ("in_production", first)

    def test_that_a_viewer_looks_at_begins_nothing(self, batch):
        sheet = with_file(LabelSheetFactory(batch=batch))

        answer = client_of(batch, Role.VIEWER).get(f"{SHEETS}/{sheet.pk}/file")

        batch.refresh_from_db()
        assert (answer.status_code, batch.status) == (200, "generated")

    def test_of_another_organization_is_not_found(self, batch):
        sheet = with_file(LabelSheetFactory(batch=batch))
        outsider = client_for(OrganizationFactory(), Role.OWNER)

        for path in (f"{SHEETS}/{sheet.pk}", f"{SHEETS}/{sheet.pk}/file"):
            answer = outsider.get(path)

            assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


class TestVerbs:
    def test_cancel_a_waiting_sheet_at_once(self, batch, manager):
        sheet = LabelSheetFactory(batch=batch)

        answer = post(manager, f"{SHEETS}/{sheet.pk}/cancel")

        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
        again = post(manager, f"{SHEETS}/{sheet.pk}/cancel")
        assert (again.status_code, again.json()["error"]) == (409, "Job is already cancelled")

    def test_cancel_is_for_operators_who_asked_and_for_managers(self, batch):
        sheet = LabelSheetFactory(batch=batch)

        assert post(client_of(batch), f"{SHEETS}/{sheet.pk}/cancel").status_code == 403

    def test_retry_sends_a_failed_sheet_on(self, batch, manager):
        sheet = LabelSheetFactory(batch=batch, failed=True)

        answer = post(manager, f"{SHEETS}/{sheet.pk}/retry")

        assert (answer.status_code, answer.json()["status"]) == (202, "queued")
        assert post(client_of(batch), f"{SHEETS}/{sheet.pk}/retry").status_code == 403
