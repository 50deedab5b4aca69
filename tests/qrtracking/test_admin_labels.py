"""The admin of label sheets and printers."""

import pytest
from django.test import Client
from django.urls import reverse

from qrtracking.models import Batch, LabelPrinter, LabelSheet
from tests.accounts.factories import OrganizationFactory, UserFactory, grant, make_member
from tests.qrtracking.factories import (
    LabelPrinterFactory,
    LabelSheetFactory,
    make_generated_batch,
)
from tests.qrtracking.labels import with_file

pytestmark = pytest.mark.django_db

SHEETS = reverse("admin:qrtracking_labelsheet_changelist")
PRINTERS = reverse("admin:qrtracking_labelprinter_changelist")
BATCHES = reverse("admin:qrtracking_batch_changelist")


@pytest.fixture
def batch() -> Batch:
    return make_generated_batch(units=300, order_no="ORD-HM-1125-77")


def staff_client(*codenames: str, organization=None) -> Client:
    """Staff who act for the operator, or for this organization."""
    organization = organization or OrganizationFactory(operator=True)
    client = Client()
    client.force_login(
        grant(make_member("viewer", organization=organization, is_staff=True), *codenames)
    )
    return client


def page_of(row, name: str = "change") -> str:
    return reverse(f"admin:qrtracking_{row._meta.model_name}_{name}", args=[row.pk])


class TestSheets:
    def test_list_tells_labels_and_pages(self, batch):
        LabelSheetFactory(batch=batch, page_count=12, verified_count=7, status="running")

        page = staff_client("view_labelsheet").get(SHEETS).text

        assert "ORD-HM-1125-77" in page
        assert "Units 1-5" in page
        assert "7 of 12" in page

    @pytest.mark.parametrize("query", ["q=ORD-HM-1125-77", "kind__exact=case", "layout__exact=zpl"])
    def test_list_is_searched_and_filtered(self, batch, query):
        wanted = LabelSheetFactory(batch=batch, kind="case", layout="zpl")
        other = LabelSheetFactory()

        page = staff_client("view_labelsheet").get(f"{SHEETS}?{query}").text

        assert page_of(wanted) in page
        assert page_of(other) not in page

    def test_of_another_organization_are_not_there(self, batch):
        sheet = LabelSheetFactory(batch=batch)
        client = staff_client("view_labelsheet", organization=OrganizationFactory())

        assert page_of(sheet) not in client.get(SHEETS).text
        assert client.get(page_of(sheet)).status_code == 404

    def test_page_links_the_download_when_it_is_ready(self, batch):
        client = staff_client("view_labelsheet")
        waiting = LabelSheetFactory(batch=batch)
        ready = with_file(LabelSheetFactory(batch=batch), b"labels")
        link = reverse("qrtracking:label-sheet-file", args=[ready.pk])

        assert "not ready" in client.get(page_of(waiting)).text
        assert f'href="{link}"' in client.get(page_of(ready)).text
        assert "/media/" not in client.get(page_of(ready)).text
        assert client.get(link).getvalue() == b"labels"

    def test_page_says_what_to_do_about_a_failure(self, batch):
        sheet = LabelSheetFactory(batch=batch, failed=True)

        assert "it is drawn anew" in staff_client("view_labelsheet").get(page_of(sheet)).text

    @pytest.mark.parametrize(
        ("verb", "before", "after"),
        [("retry", "failed", "queued"), ("cancel", "queued", "cancelled")],
    )
    def test_verbs_need_their_permission(self, batch, verb, before, after):
        sheet = LabelSheetFactory(batch=batch, status=before)

        assert staff_client("view_labelsheet").post(page_of(sheet, verb)).status_code == 403
        staff_client("view_labelsheet", f"{verb}_labelsheet").post(page_of(sheet, verb))

        sheet.refresh_from_db()
        assert sheet.status == after


class TestPrinters:
    def test_are_added_changed_and_listed(self):
        organization = OrganizationFactory()
        client = Client()
        client.force_login(UserFactory(superuser=True))
        form = {"name": "Line 1", "host": "10.0.0.5", "port": "9100", "dots_per_inch": "203"}

        client.post(
            reverse("admin:qrtracking_labelprinter_add"),
            form | {"organization": str(organization.pk), "is_active": "on"},
        )
        printer = LabelPrinter.objects.get()
        client.post(page_of(printer), form | {"host": "10.0.0.6"})

        printer.refresh_from_db()
        assert (printer.organization, printer.host) == (organization, "10.0.0.6")
        assert "10.0.0.6" in client.get(PRINTERS).text

    def test_of_another_organization_are_not_there(self):
        printer = LabelPrinterFactory(name="Line 7")
        client = staff_client("view_labelprinter", organization=OrganizationFactory())

        assert "Line 7" not in client.get(PRINTERS).text
        assert client.get(page_of(printer)).status_code == 404

    def test_with_an_impossible_port_are_refused(self):
        printer = LabelPrinterFactory()
        client = staff_client("view_labelprinter", "change_labelprinter")

        page = client.post(
            page_of(printer),
            {"name": "x", "host": "x", "port": "70000", "dots_per_inch": "203"},
        )

        assert page.status_code == 200
        printer.refresh_from_db()
        assert printer.port == 9100


class TestBatchAction:
    def send(self, client, batch, **changes):
        form = {"action": "label_selected", "_selected_action": str(batch.pk)}
        return client.post(BATCHES, form | changes, follow=True)

    def test_makes_all_labels_after_asking(self, batch):
        client = staff_client("view_batch", "generate_batch")

        asked = self.send(client, batch).text
        assert "Sheets of all labels are drawn" in asked
        assert not LabelSheet.objects.exists()
        told = self.send(client, batch, confirmed="yes").text

        assert "3 label sheets are drawn in the background" in told
        sheets = LabelSheet.objects.order_by("kind")
        assert list(sheets.values_list("kind", "from_number", "to_number")) == [
            ("case", 1, 3),
            ("spare", 1, 30),
            ("unit", 1, 300),
        ]

    def test_cuts_large_batches_into_sheets(self, batch):
        Batch.objects.update(planned_unique_codes=45_000, total_unique_codes=45_000)

        self.send(staff_client("view_batch", "generate_batch"), batch, confirmed="yes")

        units = LabelSheet.objects.filter(kind="unit").order_by("from_number")
        assert list(units.values_list("from_number", "to_number")) == [
            (1, 20_000),
            (20_001, 40_000),
            (40_001, 45_000),
        ]

    def test_says_why_a_batch_gets_none(self, batch):
        Batch.objects.update(status="cancelled")

        page = self.send(staff_client("view_batch", "generate_batch"), batch, confirmed="yes")

        assert "Labels of this batch cannot be made now (cancelled)" in page.text
        assert not LabelSheet.objects.exists()

    def test_is_not_for_those_who_only_look(self, batch):
        self.send(staff_client("view_batch"), batch, confirmed="yes")

        assert not LabelSheet.objects.exists()
