"""The admin of the QR system: who sees what, and what each button does."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import OrganizationKind
from qrtracking.models import (
    Batch,
    MasterCode,
    Order,
    PreparedCode,
    Product,
    ProductVariant,
    ReverseJob,
    ScanEvent,
    UnitCode,
)
from tests.accounts.factories import MembershipFactory, OrganizationFactory, UserFactory
from tests.qrtracking.factories import (
    OrderFactory,
    OrderItemFactory,
    PreparedCodeFactory,
    ReverseJobFactory,
    ScanEventFactory,
    make_generated_batch,
)

pytestmark = pytest.mark.django_db

MODELS = [
    Batch, MasterCode, Order, PreparedCode, Product, ProductVariant, ReverseJob, ScanEvent, UnitCode
]  # fmt: skip
JOB_STATUSES = ["queued", "running", "completed", "failed", "cancelled"]


def list_url(model, **query) -> str:
    url = reverse(f"admin:qrtracking_{model._meta.model_name}_changelist")
    return f"{url}?{'&'.join(f'{name}={value}' for name, value in query.items())}"


def page_url(row, page: str = "change") -> str:
    return reverse(f"admin:qrtracking_{row._meta.model_name}_{page}", args=[row.pk])


@pytest.fixture
def batch() -> Batch:
    return make_generated_batch(units=300, order_no="ORD-HM-1125-77")


@pytest.fixture
def rows(batch) -> dict:
    """One row of each model, all of the batch's organization."""
    job = ReverseJobFactory(batch=batch, completed=True)
    unit = batch.units.get(sequence_number=1)
    return {
        Batch: batch,
        MasterCode: batch.cases.get(case_number=1),
        Order: batch.order,
        PreparedCode: PreparedCodeFactory(job=job, unit=unit),
        Product: unit.product,
        ProductVariant: unit.variant,
        ReverseJob: job,
        ScanEvent: ScanEventFactory(batch=batch, master_code=batch.cases.get(case_number=1)),
        UnitCode: unit,
    }


def make_staff(organization=None, *codenames: str):
    """Staff who act for an organization (None: for the operator, who sees all of them)."""
    staff = UserFactory(staff=True)
    organization = organization or OrganizationFactory(kind=OrganizationKind.OPERATOR)
    MembershipFactory(user=staff, organization=organization)
    wanted = Permission.objects.filter(content_type__app_label="qrtracking")
    staff.user_permissions.set(
        wanted.filter(codename__in=codenames)
        if codenames
        else wanted.filter(codename__startswith="view_")
    )
    return staff


@pytest.fixture
def viewer(client):
    """A browser of staff who may look at everything and change nothing."""
    client.force_login(make_staff())
    return client


class TestEveryList:
    @pytest.mark.parametrize("model", MODELS)
    def test_sends_strangers_to_the_login(self, client, model):
        assert client.get(list_url(model)).status_code == 302

    @pytest.mark.parametrize("model", MODELS)
    def test_refuses_staff_without_a_right(self, client, model):
        client.force_login(UserFactory(staff=True))

        assert client.get(list_url(model)).status_code == 403

    @pytest.mark.parametrize("model", MODELS)
    def test_shows_an_empty_list(self, viewer, model):
        assert viewer.get(list_url(model)).status_code == 200

    @pytest.mark.parametrize("model", MODELS)
    def test_shows_rows_and_their_pages(self, viewer, rows, batch, model):
        row = rows[model]
        parents = {
            MasterCode: {"batch__id__exact": batch.pk},
            UnitCode: {"batch__id__exact": batch.pk},
            ScanEvent: {"batch__id__exact": batch.pk},
            PreparedCode: {"job__id__exact": rows[ReverseJob].pk},
        }

        listed = viewer.get(list_url(model, **parents.get(model, {})))

        assert str(row.pk) in listed.content.decode()
        assert viewer.get(page_url(row)).status_code == 200

    @pytest.mark.parametrize("model", MODELS)
    def test_hides_rows_of_other_organizations(self, client, rows, batch, model):
        client.force_login(make_staff(OrganizationFactory(), *view_rights()))
        row = rows[model]

        listed = client.get(list_url(model, q=getattr(row, "code", "")))

        assert str(row.pk) not in listed.content.decode()
        assert client.get(page_url(row)).status_code == 404


def view_rights() -> list[str]:
    return [f"view_{model._meta.model_name}" for model in MODELS]


class TestListsOfCodes:
    @pytest.mark.parametrize("model", [MasterCode, UnitCode, PreparedCode, ScanEvent])
    def test_show_nothing_before_their_parent_is_chosen(self, viewer, rows, model):
        page = viewer.get(list_url(model)).content.decode()

        assert "This list is too long to be shown at once." in page
        assert str(rows[model].pk) not in page

    @pytest.mark.parametrize("model", [UnitCode, PreparedCode])
    @pytest.mark.parametrize(
        "spell", [str, str.lower, lambda code: f"https://x.example/track/product/{code}"]
    )
    def test_find_a_unit_by_whatever_was_scanned(self, viewer, rows, model, spell):
        page = viewer.get(list_url(model), {"q": spell(rows[UnitCode].code)}).content.decode()

        assert str(rows[model].pk) in page

    def test_find_a_case_by_its_label(self, viewer, rows):
        code = rows[MasterCode].master_code

        page = viewer.get(list_url(MasterCode), {"q": code}).content.decode()

        assert str(rows[MasterCode].pk) in page

    @pytest.mark.parametrize(
        ("fill", "count"), [("full", 1), ("partial", 1), ("empty", 1), ("nonsense", 0)]
    )
    def test_tell_cases_by_their_fill(self, viewer, batch, fill, count):
        batch.cases.filter(case_number=1).update(actual_unit_count=100, status="packed")
        batch.cases.filter(case_number=2).update(actual_unit_count=40)

        page = viewer.get(list_url(MasterCode), {"batch__id__exact": batch.pk, "fill": fill})

        assert page.context["cl"].result_count == count


class TestBatchList:
    def test_counts_packed_cases(self, viewer, batch):
        batch.cases.filter(case_number=1).update(actual_unit_count=100, status="packed")

        page = viewer.get(list_url(Batch)).content.decode()

        assert "1 / 3" in page

    @pytest.mark.parametrize("number", ["ORD-HM-1125-77", "batch-ord-hm-1125-77"])
    def test_finds_a_batch_by_the_number_of_its_order(self, viewer, batch, number):
        other = make_generated_batch(units=100)

        page = viewer.get(list_url(Batch), {"q": number}).content.decode()

        assert str(batch.pk) in page
        assert str(other.pk) not in page

    def test_starts_a_pending_batch_after_asking(self, client, batch):
        Batch.objects.filter(pk=batch.pk).update(status="pending")
        client.force_login(make_staff(None, "view_batch", "generate_batch"))
        form = {"action": "generate_selected", "_selected_action": str(batch.pk)}

        asked = client.post(list_url(Batch), form)
        assert "Generate codes: are you sure?" in asked.content.decode()
        assert Batch.objects.get(pk=batch.pk).status == "pending"
        client.post(list_url(Batch), {**form, "confirmed": "yes"})

        assert Batch.objects.get(pk=batch.pk).status == "queued"

    def test_says_why_a_batch_cannot_be_started(self, client, batch):
        client.force_login(make_staff(None, "view_batch", "generate_batch"))
        form = {
            "action": "generate_selected", "_selected_action": str(batch.pk), "confirmed": "yes"
        }  # fmt: skip

        page = client.post(list_url(Batch), form, follow=True).content.decode()

        assert "cannot be generated now (generated)" in page

    def test_offers_nothing_to_those_who_only_look(self, viewer, batch):
        form = {
            "action": "generate_selected", "_selected_action": str(batch.pk), "confirmed": "yes"
        }  # fmt: skip
        Batch.objects.filter(pk=batch.pk).update(status="pending")

        viewer.post(list_url(Batch), form)

        assert Batch.objects.get(pk=batch.pk).status == "pending"


class TestOrderPages:
    def test_an_order_without_a_batch_can_be_changed(self, client):
        order = OrderItemFactory().order
        client.force_login(make_staff(None, "view_order", "change_order"))
        assert 'name="order_no"' in client.get(page_url(order)).content.decode()

    def test_an_order_with_a_batch_is_fixed(self, client, batch):
        client.force_login(make_staff(None, "view_order", "change_order", "delete_order"))

        assert 'name="order_no"' not in client.get(page_url(batch.order)).content.decode()
        assert client.post(page_url(batch.order, "delete")).status_code == 403

    def test_codes_are_generated_after_asking(self, client):
        order = OrderItemFactory(qty=50).order
        client.force_login(make_staff(None, "view_order", "generate_batch"))
        form = {"action": "generate_codes", "_selected_action": str(order.pk)}

        client.post(list_url(Order), form)
        assert not Batch.objects.exists()
        client.post(list_url(Order), {**form, "confirmed": "yes"})

        assert Batch.objects.get(order=order).status == "queued"

    def test_an_order_that_is_not_approved_gets_none(self, client):
        order = OrderFactory(draft=True)
        client.force_login(make_staff(None, "view_order", "generate_batch"))
        form = {"action": "generate_codes", "_selected_action": str(order.pk), "confirmed": "yes"}

        page = client.post(list_url(Order), form, follow=True).content.decode()

        assert "Order is not approved" in page

    def test_a_new_order_sells_for_its_own_organization(self, client):
        item = OrderItemFactory()
        staff = make_staff(None, "view_order", "add_order", "view_orderitem", "add_orderitem")
        client.force_login(staff)
        form = {
            "organization": item.organization_id, "order_no": "ORD-HM-1125-90", "status": "draft",
            "units_per_case": 100, "qr_buffer_percent": "10", "extra_qr_master": 0,
            "items-TOTAL_FORMS": 1, "items-INITIAL_FORMS": 0,
            "items-0-variant": item.variant_id, "items-0-qty": 500,
        }  # fmt: skip

        client.post(reverse("admin:qrtracking_order_add"), form)

        order = Order.objects.get(order_no="ORD-HM-1125-90")
        assert order.seller_org_id == item.organization_id
        assert order.items.get().product_id == item.product_id


class TestReverseJobPage:
    @pytest.mark.parametrize("status", JOB_STATUSES)
    def test_shows_every_status(self, viewer, batch, status):
        job = ReverseJobFactory(batch=batch, status=status, exclude_codes=["15", "?<b>"])

        page = viewer.get(page_url(job)).content.decode()

        assert "<code>15</code>" in page
        assert "&lt;b&gt;" in page
        assert f"job__id__exact={job.pk}" in page

    @pytest.mark.parametrize(
        ("verb", "before", "after"),
        [("retry", "failed", "queued"), ("cancel", "queued", "cancelled")],
    )
    def test_acts_after_asking(self, client, batch, verb, before, after):
        job = ReverseJobFactory(batch=batch, status=before)
        client.force_login(make_staff(None, "view_reversejob", f"{verb}_reversejob"))

        assert client.get(page_url(job, verb)).status_code == 200
        assert ReverseJob.objects.get(pk=job.pk).status == before
        client.post(page_url(job, verb))

        assert ReverseJob.objects.get(pk=job.pk).status == after

    @pytest.mark.parametrize("verb", ["retry", "cancel", "requeue", "prioritise", "run"])
    def test_refuses_those_who_only_look(self, viewer, batch, verb):
        job = ReverseJobFactory(batch=batch)

        assert viewer.post(page_url(job, verb)).status_code == 403

    def test_finds_jobs_by_priority_and_order(self, viewer, batch):
        urgent = ReverseJobFactory(batch=batch, priority=1)
        normal = ReverseJobFactory(batch=batch)

        by_priority = viewer.get(list_url(ReverseJob), {"priority": "1"}).content.decode()
        by_order = viewer.get(list_url(ReverseJob), {"q": "ORD-HM-1125-77"}).content.decode()

        assert str(urgent.pk) in by_priority
        assert str(normal.pk) not in by_priority
        assert str(normal.pk) in by_order
