"""The admin of sources, SKU rules and TAC models: all under one right."""

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from inventory.models import Device, QueueSource, SkuRule, StockJob, TacModel
from jobs.runner import run_job
from tests.accounts.factories import OrganizationFactory, UserFactory
from tests.inventory.factories import add, imei_of, phones, process
from tests.inventory.staff import choose, list_of, of, page_of, staff_client, text_of, words_of

pytestmark = pytest.mark.django_db

PREVIEW = reverse("admin:inventory_skurule_preview")
IMPORT = reverse("admin:inventory_tacmodel_import")
MODELS = ("queuesource", "skurule", "tacmodel")


@pytest.fixture
def organization():
    return OrganizationFactory()


@pytest.fixture
def staff(organization):
    return staff_client(organization, "manage_rules")


def add_page(model):
    return reverse(f"admin:inventory_{model}_add")


class TestAddPages:
    @pytest.mark.parametrize(
        ("model", "field"), [("location", "warehouse"), ("skurule", "organization")]
    )
    def test_leave_out_what_is_no_key(self, model, field):
        """Of people who see all organizations none is chosen before."""
        client = Client()
        client.force_login(UserFactory(is_staff=True, is_superuser=True))

        assert client.get(add_page(model), {field: "abc"}).status_code == 200


class TestNames:
    def test_of_others_are_refused_in_words(self, staff, organization):
        """The organization, which is part of what must be unique, is asked for only once."""
        mine = {"organization": organization, "brand": "Apple", "model": "iPhone"}
        QueueSource.objects.create(organization=organization, name="api")
        source = QueueSource.objects.create(organization=organization, name="scan")
        TacModel.objects.create(**mine, tac="35000000")
        tac = TacModel.objects.create(**mine, tac="35000001")

        named = staff.post(page_of(source), {"name": "api", "is_active": "on"})
        numbered = staff.post(page_of(tac), {"tac": "35000000", "brand": "A", "model": "B"})

        assert "There is api already." in text_of(named)
        assert "There is 35000000 already." in text_of(numbered)


class TestRights:
    def test_one_right_opens_all(self, staff):
        for model in MODELS:
            assert staff.get(list_of(model)).status_code == 200
            assert staff.get(add_page(model)).status_code == 200
        assert staff.get(PREVIEW).status_code == 200
        assert staff.get(IMPORT).status_code == 200

    def test_others_may_only_look(self, organization):
        rule = SkuRule.objects.create(organization=organization, position=1, sku="X")
        rights = [f"{verb}_{m}" for m in MODELS for verb in ("view", "add", "change", "delete")]
        viewer = staff_client(organization, *rights)

        assert viewer.get(page_of(rule)).status_code == 200
        assert viewer.post(page_of(rule), {"sku": "Y", "position": 1}).status_code == 403
        assert viewer.post(page_of(rule, "delete"), {"post": "yes"}).status_code == 403
        for model in MODELS:
            assert viewer.get(list_of(model)).status_code == 200
            assert viewer.get(add_page(model)).status_code == 403
        for url in (PREVIEW, IMPORT):
            assert viewer.get(url).status_code == 403
            assert viewer.post(url).status_code == 403
        assert "Preview and apply" not in viewer.get(list_of("skurule")).text

    def test_of_others_are_not_found(self, organization):
        stranger = staff_client(OrganizationFactory(), "manage_rules")
        rows = [
            SkuRule.objects.create(organization=organization, position=1, sku="X"),
            QueueSource.objects.create(organization=organization, name="station"),
            TacModel.objects.create(organization=organization, tac="1" * 8, brand="A", model="B"),
        ]

        assert {stranger.get(page_of(row)).status_code for row in rows} == {404}
        assert stranger.get(page_of(rows[1], "test")).status_code == 404
        answer = stranger.post(
            add_page("skurule"), {"organization": organization.pk, "position": 1, "sku": "Y"}
        )
        assert "organization" in answer.context["adminform"].form.errors
        assert SkuRule.objects.count() == 1


def source_body(organization, **changed):
    return {"organization": organization.pk, "name": "station", "is_active": "on",
            "json_schema": "", "max_retries": "", **changed}  # fmt: skip


class TestSources:
    def test_keep_a_schema_that_was_checked(self, staff, organization):
        schema = {"type": "object", "required": ["grade"]}

        staff.post(
            add_page("queuesource"),
            source_body(organization, json_schema=json.dumps(schema), validation="strict"),
        )

        source = QueueSource.objects.get()
        assert (source.json_schema, source.validation) == (schema, "strict")
        assert (source.max_retries, source.default_location) == (None, None)
        shown = staff.get(page_of(source)).text
        assert "&quot;required&quot;: [" in shown

    def test_have_an_empty_schema_shown_as_empty(self, staff, organization):
        source = QueueSource.objects.create(organization=organization, name="station")

        form = staff.get(page_of(source)).context["adminform"].form

        assert form["json_schema"].value() == ""

    @pytest.mark.parametrize(
        ("changed", "field", "reason"),
        [
            ({"json_schema": "{"}, "json_schema", "This is not JSON."),
            ({"json_schema": "[]"}, "json_schema", "JSON object"),
            ({"json_schema": '{"$ref": "http://x/y"}'}, "json_schema", "another document"),
            ({"json_schema": '{"type": "phone"}'}, "json_schema", "$.type"),
            ({"json_schema": '{"title": "\\u0000"}'}, "json_schema", "NUL"),
            ({"max_retries": "11"}, "max_retries", "10"),
            ({"name": ""}, "name", "required"),
        ],
    )
    def test_refuse_others_in_words(self, staff, organization, changed, field, reason):
        answer = staff.post(add_page("queuesource"), source_body(organization, **changed))

        assert reason in str(answer.context["adminform"].form.errors[field])
        assert not QueueSource.objects.exists()

    def test_have_one_name_each(self, staff, organization):
        for _ in range(2):
            answer = staff.post(add_page("queuesource"), source_body(organization))

        assert answer.status_code == 200
        assert QueueSource.objects.count() == 1

    def test_try_their_schema_with_the_latest_items(self, staff, organization):
        add(organization, {"imei": imei_of(1), "grade": "A"}, *phones(2, 4), source="station")
        source = QueueSource.objects.create(
            organization=organization, name="station", json_schema={"required": ["grade"]}
        )
        assert page_of(source, "test") in staff.get(page_of(source)).text

        text = text_of(staff.get(page_of(source, "test")))

        assert "Tested 3 Pass 1 Would fail 2" in text
        assert "$: &#x27;grade&#x27; is a required property" in text
        source.json_schema = None
        source.save()
        assert "every item passes" in text_of(staff.get(page_of(source, "test")))

    def test_say_when_there_is_nothing_to_try_with(self, staff, organization):
        source = QueueSource.objects.create(
            organization=organization, name="station", json_schema={}
        )

        assert "nothing to test with" in text_of(staff.get(page_of(source, "test")))


class TestSkuRules:
    def test_stand_in_their_order_and_change_it_in_the_list(self, staff, organization):
        first = SkuRule.objects.create(
            organization=organization, position=2, sku="LAST", match_brand="Apple"
        )
        second = SkuRule.objects.create(organization=organization, position=1, sku="FIRST")
        text = text_of(staff.get(list_of("skurule")))
        assert text.index("FIRST") < text.index("LAST")
        assert "every device" in text

        staff.post(
            list_of("skurule"),
            {
                "form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2, "_save": "Save",
                "form-0-id": second.pk, "form-0-position": 5, "form-0-is_active": "on",
                "form-1-id": first.pk, "form-1-position": 3,
            },
        )  # fmt: skip

        rows = SkuRule.objects.order_by("position").values_list("sku", "position", "is_active")
        assert list(rows) == [("LAST", 3, False), ("FIRST", 5, True)]

    def test_preview_counts_and_apply_is_a_job(self, staff, organization):
        add(organization, *[{**phone, "model": "iPhone 13"} for phone in phones(1, 4)])
        process(organization)
        SkuRule.objects.create(organization=organization, position=1, sku="NEW")

        text = text_of(staff.get(PREVIEW))
        assert "3 of 3 devices" in text
        assert f"{imei_of(1)} IPHONE13 NEW" in text
        assert not StockJob.objects.exists()
        answer = staff.post(PREVIEW, {"reason": "New names"})

        job = StockJob.objects.get()
        assert answer.url == page_of(job)
        run_job(job)
        assert set(Device.objects.values_list("sku", flat=True)) == {"NEW"}
        assert "0 of 3 devices" in text_of(staff.get(PREVIEW))

    def test_are_chosen_by_who_sees_all(self, admin_client, organization):
        assert "No organization has a SKU rule yet." in text_of(admin_client.get(PREVIEW))
        for owner in (organization, OrganizationFactory()):
            SkuRule.objects.create(organization=owner, position=1, sku="NEW")

        assert "Choose one:" in text_of(admin_client.get(PREVIEW))
        admin_client.post(PREVIEW, {"reason": ""})
        assert not StockJob.objects.exists()
        query = reverse("admin:inventory_skurule_preview", query=of(organization))
        assert f"devices of {organization}" in text_of(admin_client.get(query))


class TestTacModels:
    def test_are_confirmed_and_then_stay(self, staff, organization):
        rows = [
            TacModel.objects.create(organization=organization, tac=tac, brand="A", model="B")
            for tac in ("11111111", "22222222")
        ]

        open_ones = {"confirmed__exact": "0"}
        asked = choose(staff, "confirm", rows, query=open_ones)
        assert "Confirm these models?" in asked.text
        assert not TacModel.objects.filter(confirmed=True).exists()
        answer = choose(
            staff, "confirm", rows[:1], query=open_ones, confirmed="yes", select_across="1"
        )

        assert words_of(answer) == ["2 TAC models confirmed."]
        assert TacModel.objects.filter(confirmed=True).count() == 2
        assert set(LogEntry.objects.values_list("object_repr", flat=True)) == {
            "11111111 A B", "22222222 A B",
        }  # fmt: skip

    def test_suggest_at_once_what_is_typed_in(self, staff, organization):
        add(organization, *phones(1, 2))
        process(organization)
        body = {"organization": organization.pk, "brand": "Apple", "model": "iPhone 8"}

        for tac in ("3500000", "35 00000", "٣٥٠٠٠٠٠٠"):
            answer = staff.post(add_page("tacmodel"), {**body, "tac": tac})
            assert "A TAC has 8 digits." in answer.text
        staff.post(add_page("tacmodel"), {**body, "tac": "35000000", "confirmed": "on"})

        assert Device.objects.get().suggested == {"brand": "Apple", "model": "iPhone 8"}

    def test_are_imported_from_a_file(self, staff, organization):
        text = "TAC;Brand;Model\n35000000;Apple;iPhone 8\n"

        answer = staff.post(
            IMPORT,
            {"organization": organization.pk, "file": SimpleUploadedFile("t.csv", text.encode())},
        )

        assert words_of(answer) == ["1 TACs were taken from the file; they count as confirmed."]
        assert TacModel.objects.get().organization == organization

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"tac,brand,model\n1,A,B\n", "Line 2:"),
            (b"%PDF-1.7", "not a table"),
            (b"", "submitted file is empty"),
            (None, "This field is required"),
        ],
    )
    def test_are_not_taken_from_others(self, staff, organization, content, reason):
        file = {} if content is None else {"file": SimpleUploadedFile("t.csv", content)}

        answer = staff.post(IMPORT, {"organization": organization.pk, **file})

        assert reason in str(answer.context["form"].errors["file"])
        assert "Nothing was taken." in answer.text
        assert not TacModel.objects.exists()

    def test_are_found_by_their_start(self, staff, organization):
        for tac in ("11111111", "22222222"):
            TacModel.objects.create(organization=organization, tac=tac, brand="A", model="B")

        found = staff.get(list_of("tacmodel", q="111")).context["cl"].result_list

        assert [row.tac for row in found] == ["11111111"]
