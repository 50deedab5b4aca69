"""The admin of stock, exports and places."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.urls import reverse

from inventory.models import Location, StockJob, Warehouse
from inventory.services.exporting import submit_export
from inventory.services.sku_rules import submit_sku_rules
from jobs.runner import run_job
from jobs.selectors import list_log_tail
from tests.accounts.factories import OrganizationFactory, UserFactory
from tests.inventory.factories import add, phones, process
from tests.inventory.staff import list_of, of, page_of, staff_client, text_of, words_of

pytestmark = pytest.mark.django_db

RIGHTS = ("view_stockentry", "view_device", "export_stock")
NEW_EXPORT = "/admin/inventory/stockjob/add/"


@pytest.fixture
def organization():
    organization = OrganizationFactory()
    Warehouse.objects.create(organization=organization, name="North", name_key="north")
    extras = [
        {"location": "L1", "sku": "A-1", "working": "YES"},
        {"location": "L1", "sku": "A-1", "working": "NO"},
        {"location": "L2"},
        {"location": "L1", "sku": "B-2", "warehouse": "North"},
    ]
    add(organization, *[{**p, **extra} for p, extra in zip(phones(1, 5), extras, strict=True)])
    process(organization)
    return organization


@pytest.fixture
def staff(organization):
    return staff_client(organization, *RIGHTS)


class TestStockPage:
    def test_sums_by_place_sku_and_both(self, staff):
        text = text_of(staff.get(list_of("stockentry")))
        assert "In stock 4 Passed 1 Failed 1 Pending 2" in text
        assert "L1 Main warehouse 2 1 1 0 L2 Main warehouse 1 0 0 1 L1 North 1 0 0 1" in text

        text = text_of(staff.get(list_of("stockentry", by="sku")))
        assert "A-1 2 1 1 0 B-2 1 0 0 1 without SKU 1 0 0 1" in text

        text = text_of(staff.get(list_of("stockentry", by="both")))
        assert "L1 Main warehouse A-1 2 1 1 0" in text

    def test_narrows_to_a_warehouse_and_leads_to_its_export(self, staff, organization):
        north = Warehouse.objects.get(organization=organization, name="North")

        answer = staff.get(list_of("stockentry", warehouse=north.pk))

        assert "In stock 1 " in text_of(answer)
        assert "warehouse=North" in answer.context["export_url"]
        asked = staff.get(answer.context["export_url"]).text
        assert 'value="North"' in asked
        assert '<option value="stock" selected>' in asked

    def test_takes_any_address(self, staff):
        for query in ({"by": "colour"}, {"warehouse": "x"}, {"organization__id__exact": "x"}):
            assert staff.get(list_of("stockentry", **query)).status_code == 200

    def test_links_to_the_devices_that_it_counts(self, staff):
        (first, url), *_ = staff.get(list_of("stockentry")).context["rows"]

        devices = staff.get(url).context["cl"].result_list

        assert len(devices) == first.in_stock == 2

    def test_shows_nobody_elses(self, organization):
        stranger = staff_client(OrganizationFactory(), *RIGHTS)

        assert "Nothing is in stock here." in text_of(stranger.get(list_of("stockentry")))
        assert "L2" not in text_of(stranger.get(list_of("stockentry", **of(organization))))

    def test_lets_who_sees_all_choose(self, client, organization):
        client.force_login(UserFactory(superuser=True))
        assert "In stock 4" in text_of(client.get(list_of("stockentry")))
        other = OrganizationFactory()
        add(other, *phones(1, 2))

        assert "Choose one:" in text_of(client.get(list_of("stockentry")))

    def test_needs_the_right_to_see_it(self, organization):
        others = staff_client(organization, "view_device", "export_stock")

        assert others.get(list_of("stockentry")).status_code == 403

    def test_says_how_many_rows_it_leaves_out(self, staff, monkeypatch):
        monkeypatch.setattr("inventory.admin.stock.SHOWN", 2)

        assert "The first 2 of 3 rows." in text_of(staff.get(list_of("stockentry")))


@pytest.fixture
def ready(organization):
    values = {"organization_id": organization.pk, "actor": None}
    return run_job(submit_export(kind="devices", format="csv", **values))


class TestExports:
    def test_are_started_with_filters_and_a_reason(self, staff, organization):
        body = {
            "organization": organization.pk, "kind": "devices", "format": "csv",
            "reason": "Audit", "working": "NO", "location": " l1 ", "batch": "not for devices",
        }  # fmt: skip

        answer = staff.post(NEW_EXPORT, body)

        job = StockJob.objects.get()
        assert answer.url == page_of(job)
        assert job.options == {
            "kind": "devices", "format": "csv", "filters": {"working": "NO", "location": "l1"},
        }  # fmt: skip
        assert [line.message for line in list_log_tail(job, limit=5)] == ["Reason: Audit"]
        assert run_job(job).row_count == 1

    @pytest.mark.parametrize(
        ("kind", "extra", "filters"),
        [
            ("stock", {"warehouse": "North", "sku": "A-1"}, {"warehouse": "North"}),
            ("items", {"item_status": "failed", "status": "active"}, {"status": "failed"}),
        ],
    )
    def test_take_the_filters_of_their_kind(self, staff, organization, kind, extra, filters):
        staff.post(
            NEW_EXPORT, {"organization": organization.pk, "kind": kind, "format": "csv", **extra}
        )

        assert StockJob.objects.get().options["filters"] == filters

    def test_refuse_what_is_not_offered(self, staff, organization):
        body = {"organization": OrganizationFactory().pk, "kind": "users", "format": "pdf"}

        answer = staff.post(NEW_EXPORT, body)

        assert set(answer.context["form"].errors) == {"organization", "kind", "format"}
        answer = staff.post(
            NEW_EXPORT,
            {"organization": organization.pk, "kind": "devices", "format": "csv", "sku": "a\tb"},
        )
        assert "filters must be an object of texts" in answer.text
        assert not StockJob.objects.exists()

    def test_are_fetched_while_they_are_kept(self, staff, ready):
        url = page_of(ready, "file")
        assert url in staff.get(list_of("stockjob")).text
        assert url in staff.get(page_of(ready)).text

        answer = staff.get(url)

        content = b"".join(answer.streaming_content)
        assert content.startswith(b"\xef\xbb\xbfIMEI,")
        assert content.count(b"\n") == 5
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="devices-')
        assert "no-store" in answer.headers["Cache-Control"]

    def test_are_missed_in_words(self, staff, ready):
        ready.file.storage.delete(ready.file.name)

        answer = staff.get(page_of(ready, "file"))

        assert answer.url == page_of(ready)
        assert words_of(answer) == ["The file is no longer there. Start a new export."]

    def test_are_gone_afterwards(self, staff, ready):
        StockJob.objects.filter(pk=ready.pk).update(expires_at=Now() - timedelta(seconds=1))

        answer = staff.get(page_of(ready, "file"))

        assert answer.url == page_of(ready)
        assert words_of(answer) == [
            "There is no file: it is not written yet, or was kept long enough."
        ]
        assert page_of(ready, "file") not in staff.get(list_of("stockjob")).text
        assert "Start a new export" in staff.get(page_of(ready)).text

    def test_need_their_right(self, organization, ready):
        viewer = staff_client(organization, "view_stockjob")

        assert viewer.get(page_of(ready)).status_code == 200
        assert page_of(ready, "file") not in viewer.get(page_of(ready)).text
        assert viewer.get(page_of(ready, "file")).status_code == 403
        assert viewer.get(NEW_EXPORT).status_code == 403
        assert viewer.post(NEW_EXPORT, {"kind": "stock"}).status_code == 403

    def test_of_others_are_not_found(self, ready):
        stranger = staff_client(OrganizationFactory(), *RIGHTS)

        assert stranger.get(page_of(ready, "file")).status_code == 404
        assert stranger.get(page_of(ready)).status_code == 404

    def test_stand_beside_rules_that_were_applied(self, staff, organization):
        submit_sku_rules(organization_id=organization.pk, actor=None)

        assert "SKU rules applied to devices" in text_of(staff.get(list_of("stockjob")))


PLACE_RIGHTS = ("view_location", "add_location", "change_location", "add_warehouse",
                "change_warehouse", "view_warehouse")  # fmt: skip


class TestPlaces:
    def test_know_their_other_spellings(self, organization):
        staff = staff_client(organization, *PLACE_RIGHTS)
        north = Warehouse.objects.get(organization=organization, name="North")
        url = reverse("admin:inventory_location_add")
        body = {"warehouse": north.pk, "description": "", "is_active": "on"}

        twin = staff.post(url, {**body, "name": " l1 "})
        made = staff.post(url, {**body, "name": "Shelf  B"})

        assert twin.context["adminform"].form.errors == {"name": ["There is L1 already."]}
        assert made.status_code == 302
        place = Location.objects.get(name_key="shelf b")
        assert (place.organization, place.auto_created) == (organization, False)

    def test_have_one_default_warehouse(self, organization):
        staff = staff_client(organization, *PLACE_RIGHTS)
        main, north = Warehouse.objects.filter(organization=organization).order_by("name")

        staff.post(page_of(north), {"name": "North", "is_default": "on"})
        refused = staff.post(page_of(north), {"name": "North"})

        assert list(Warehouse.objects.filter(is_default=True)) == [north]
        assert "Make another warehouse the default one instead." in refused.text
        twin = staff.post(page_of(north), {"name": "MAIN warehouse", "is_default": "on"})
        assert f"There is {main} already." in twin.text

    def test_are_seen_by_who_sees_devices_and_never_deleted(self, organization):
        viewer = staff_client(organization, "view_device", "delete_location")
        place = Location.objects.filter(organization=organization).first()

        assert viewer.get(page_of(place)).status_code == 200
        assert viewer.post(page_of(place, "delete"), {"post": "yes"}).status_code == 403

    def test_of_others_take_nothing(self, organization):
        stranger = staff_client(OrganizationFactory(), *PLACE_RIGHTS)
        north = Warehouse.objects.get(organization=organization, name="North")

        answer = stranger.post(
            reverse("admin:inventory_location_add"), {"warehouse": north.pk, "name": "Mine"}
        )

        assert "warehouse" in answer.context["adminform"].form.errors
        assert not Location.objects.filter(name="Mine").exists()
