"""The page on which people ask for labels."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.errors import IdempotencyRequestRunning
from accounts.models import Role
from qrtracking.models import Batch, LabelSheet
from qrtracking.views import labels
from tests.qrtracking.factories import (
    LabelPrinterFactory,
    LabelSheetFactory,
    make_generated_batch,
)
from tests.qrtracking.labels import with_file, work_off
from tests.qrtracking.pages import HTMX, field_value, log_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    return make_generated_batch(units=20, per_case=10)


@pytest.fixture
def manager(batch: Batch) -> Client:
    return log_in(Role.MANAGER, batch.organization)


def page_of(batch: Batch) -> str:
    return reverse("scan:labels", args=[batch.pk])


def ask(client: Client, batch: Batch, **fields):
    """Open the page and send its form with these changes."""
    target = reverse("scan:labels-submit", args=[batch.pk])
    key = fields.pop("key", None) or field_value(client.get(page_of(batch)), "key", form=target)
    form = {"kind": "unit", "from": "1", "to": "20", "layout": "a4_65", "key": key}
    return client.post(target, form | fields)


class TestPage:
    def test_offers_all_units_at_first(self, batch, manager):
        page = manager.get(page_of(batch))

        assert "20 units, 2 spares and 2 cases" in words(page)
        form = page.context["form"]
        assert (form["kind"].value(), form["from"].value(), form["to"].value()) == ("unit", 1, None)

    def test_takes_what_to_print_from_the_address(self, batch, manager):
        form = manager.get(f"{page_of(batch)}?kind=case&from=2&to=2").context["form"]

        assert (form["kind"].value(), form["from"].value(), form["to"].value()) == ("case", 2, 2)

    @pytest.mark.parametrize("query", ["kind=x&from=x&to=-1", "from=9999999999999", "from=²"])
    def test_ignores_what_nobody_can_read_in_the_address(self, batch, manager, query):
        form = manager.get(f"{page_of(batch)}?{query}").context["form"]

        assert (form["kind"].value(), form["from"].value(), form["to"].value()) == ("unit", 1, None)

    def test_offers_operators_one_case_only(self, batch):
        operator = log_in(Role.OPERATOR, batch.organization)

        page = operator.get(f"{page_of(batch)}?kind=case&from=2&to=2")

        form = page.context["form"]
        assert form.fields["kind"].choices == [("case", "Case labels")]
        assert "to" not in form.fields
        assert form["from"].value() == 2

    def test_shows_viewers_the_sheets_and_no_form(self, batch):
        with_file(LabelSheetFactory(batch=batch))

        page = log_in(Role.VIEWER, batch.organization).get(page_of(batch))

        assert reverse("scan:labels-submit", args=[batch.pk]) not in page.text
        assert "Download" in words(page)

    def test_waits_for_the_codes(self, batch, manager):
        Batch.objects.update(status="processing")

        page = manager.get(page_of(batch))

        assert "Labels can be made once the codes of this batch are there." in words(page)

    def test_is_reached_from_the_order_and_from_a_case(self, batch, manager):
        case = batch.cases.get(case_number=2)

        assert page_of(batch) in manager.get(reverse("scan:batch", args=[batch.pk])).text
        link = f"{page_of(batch)}?kind=case&amp;from=2&amp;to=2"
        assert link in manager.get(reverse("scan:case", args=[case.pk])).text

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({}, "waits for its turn"),
            ({"status": "running", "verified_count": 1}, "1 of 3 pages drawn and checked"),
            ({"status": "running", "verified_count": 3}, "puts the pages together"),
            ({"error_code": "internal_error"}, "waits to be tried again"),
            ({"status": "failed", "error_message": "Page 2 is bad."}, "Page 2 is bad."),
        ],
    )
    def test_tells_where_a_sheet_stands(self, batch, manager, fields, text):
        LabelSheetFactory(batch=batch, page_count=3, **fields)

        assert text in words(manager.get(page_of(batch)))

    def test_tells_of_a_printer_that_is_silent(self, batch, manager):
        printer = LabelPrinterFactory(organization=batch.organization, name="Line 1")
        LabelSheetFactory(
            batch=batch, layout="zpl", printer=printer, error_code="label_printer_silent"
        )

        assert "The printer Line 1 does not answer" in words(manager.get(page_of(batch)))


class TestSubmit:
    def test_asks_for_the_labels_and_says_so(self, batch, manager):
        answer = ask(manager, batch, to="15")

        sheet = LabelSheet.objects.get()
        assert answer["Location"] == page_of(batch)
        assert (sheet.kind, sheet.from_number, sheet.to_number) == ("unit", 1, 15)
        assert "15 labels are being drawn." in words(manager.get(page_of(batch)))

    def test_of_the_same_page_twice_is_one_sheet(self, batch, manager):
        key = str(uuid4())

        for _ in range(2):
            ask(manager, batch, key=key)
        ask(manager, batch, key=key, to="19")

        assert sorted(LabelSheet.objects.values_list("to_number", flat=True)) == [19, 20]

    def test_without_a_last_number_takes_all_of_the_kind(self, batch, manager):
        for kind in ("unit", "case", "spare"):
            ask(manager, batch, kind=kind, to="")

        sheets = LabelSheet.objects.order_by("kind").values_list("kind", "to_number")
        assert list(sheets) == [("case", 2), ("spare", 2), ("unit", 20)]

    def test_that_is_still_being_answered_says_so(self, batch, manager, monkeypatch):
        def run(**_):
            raise IdempotencyRequestRunning

        monkeypatch.setattr(labels, "answer_once", run)

        ask(manager, batch)

        assert "These labels are asked for already." in words(manager.get(page_of(batch)))

    def test_takes_copies_of_cases_only(self, batch, manager):
        ask(manager, batch, kind="case", to="2", copies="4")
        ask(manager, batch, kind="unit", to="2", copies="4")

        copies = LabelSheet.objects.order_by("kind").values_list("kind", "copies")
        assert list(copies) == [("case", 4), ("unit", 1)]

    def test_sends_to_a_printer(self, batch, manager):
        printer = LabelPrinterFactory(organization=batch.organization)

        ask(manager, batch, layout="zpl", printer=str(printer.pk))

        assert LabelSheet.objects.get().printer == printer

    @pytest.mark.parametrize(
        ("fields", "field", "text"),
        [
            ({"to": "21"}, "from", "from and to must be unit numbers from 1 to 20."),
            ({"from": "x"}, "from", "Enter a whole number."),
            ({"to": "x"}, "to", "Enter a whole number."),
            ({"kind": "x"}, "kind", "Select a valid choice."),
            ({"layout": "a3"}, "layout", "Select a valid choice."),
            ({"kind": "case", "to": "2", "copies": "12"}, "copies", "less than or equal to 11"),
            ({"key": "x"}, "key", "Enter a valid UUID."),
        ],
    )
    def test_says_at_the_field_what_is_wrong(self, batch, manager, fields, field, text):
        page = ask(manager, batch, **fields)

        assert page.status_code == 400
        assert text in str(page.context["form"].errors[field])
        assert not LabelSheet.objects.exists()

    def test_says_that_the_batch_is_not_ready(self, batch, manager):
        key = field_value(manager.get(page_of(batch)), "key")
        Batch.objects.update(status="cancelled")

        page = ask(manager, batch, key=key)

        assert page.status_code == 409
        assert not LabelSheet.objects.exists()

    def test_is_for_operators_the_label_of_one_case(self, batch):
        operator = log_in(Role.OPERATOR, batch.organization)

        ask(operator, batch, kind="case", **{"from": "2", "to": "1"})
        refused = ask(operator, batch, kind="unit")

        sheet = LabelSheet.objects.get()
        assert (sheet.kind, sheet.from_number, sheet.to_number) == ("case", 2, 2)
        assert refused.status_code == 400


class TestSheets:
    def test_are_polled_until_all_have_ended(self, batch, manager):
        sheet = LabelSheetFactory(batch=batch)
        fragment = reverse("scan:labels-sheets", args=[batch.pk])

        assert "hx-get" in manager.get(fragment, headers=HTMX).text

        work_off(sheet)
        assert "hx-get" not in manager.get(fragment, headers=HTMX).text

    def test_that_are_ready_can_be_downloaded(self, batch, manager):
        sheet = with_file(LabelSheetFactory(batch=batch), b"the labels")

        link = reverse("qrtracking:label-sheet-file", args=[sheet.pk])
        assert link in manager.get(page_of(batch)).text
        assert manager.get(link).getvalue() == b"the labels"
        assert "Downloaded first on" in words(manager.get(page_of(batch)))


class TestVerbs:
    def verb(self, client: Client, sheet: LabelSheet, name: str):
        return client.post(reverse(f"scan:labels-{name}", args=[sheet.batch_id, sheet.pk]))

    def test_cancel_stops_a_sheet(self, batch, manager):
        sheet = LabelSheetFactory(batch=batch)

        self.verb(manager, sheet, "cancel")

        sheet.refresh_from_db()
        assert sheet.status == "cancelled"
        assert "No label of this sheet was released." in words(manager.get(page_of(batch)))
        self.verb(manager, sheet, "cancel")
        assert "Job is already cancelled." in words(manager.get(page_of(batch)))

    def test_retry_sends_a_failed_sheet_on(self, batch, manager):
        sheet = LabelSheetFactory(batch=batch, failed=True)

        self.verb(manager, sheet, "retry")

        sheet.refresh_from_db()
        assert sheet.status == "queued"

    def test_are_for_managers_and_for_those_who_asked(self, batch):
        operator = log_in(Role.OPERATOR, batch.organization)
        sheet = LabelSheetFactory(batch=batch, failed=True)

        assert self.verb(operator, sheet, "retry").status_code == 403
        assert "Try again" not in words(operator.get(page_of(batch)))

    def test_find_only_sheets_of_the_batch(self, manager):
        foreign = LabelSheetFactory()
        own = LabelSheetFactory(batch=make_generated_batch(units=10, per_case=10))

        for sheet in (foreign, own):
            assert self.verb(manager, sheet, "cancel").status_code == 404
