"""The admin of devices: found, looked at, moved, removed, restored, exported."""

from dataclasses import replace

import pytest
from django.contrib.admin.models import LogEntry

from inventory.admin import device_verbs
from inventory.models import (
    Device,
    Location,
    Movement,
    QueueArchive,
    QueueBatch,
    StockEntry,
    StockJob,
    TacModel,
)
from inventory.services.clearing import clear_completed
from inventory.services.learning import suggest_models
from jobs.selectors import list_log_tail
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import A, B, add, imei_of, phones, process
from tests.inventory.staff import choose, list_of, of, page_of, staff_client, text_of, words_of

pytestmark = pytest.mark.django_db

WRONG_DIGIT = "356938035643808"
RIGHTS = ("view_device", "move_device", "export_stock")
VERBS = ("move", "remove", "restore", "accept")
# What each verb asks for.
DATA = {
    "move": {"location": "L2", "warehouse": "", "reason": "Sorting"},
    "remove": {"reason": "Sold"},
    "restore": {"reason": "Came back"},
    "accept": {"reason": "Looked at it"},
}


@pytest.fixture
def organization():
    """A is whole, B is at L2, one of a suggested model, one with a wrong digit, one removed."""
    organization = OrganizationFactory()
    whole = {"brand": "Apple", "model": "iPhone 13", "location": "L1", "batteryHealth": 91}
    add(
        organization,
        {**whole, "imei": A, "working": "YES", "imei2": B, "serial": "F2LX9"},
        {**whole, "imei": B, "working": "NO", "location": "L2", "defects": "Face ID"},
        {"imei": imei_of(1), "location": "L1"},
        {**whole, "imei": WRONG_DIGIT},
        {**whole, "imei": imei_of(2)},
    )
    process(organization)
    TacModel.objects.create(
        organization=organization, tac=imei_of(1)[:8], brand="Apple", model="iPhone 8"
    )
    suggest_models(organization_id=organization.pk)
    gone = Device.objects.filter(imei=imei_of(2))
    gone.update(status="removed")
    StockEntry.objects.filter(item__in=gone).update(status="removed")
    return organization


@pytest.fixture
def staff(organization):
    return staff_client(organization, *RIGHTS)


def device(organization, imei=A):
    return Device.objects.get(organization=organization, imei=imei)


def fitting(organization, verb):
    return device(organization, {"accept": imei_of(1), "restore": imei_of(2)}.get(verb, A))


def state(organization):
    devices = Device.objects.filter(organization=organization).order_by("pk")
    return list(devices.values_list("status", "stock__location__name", "skuinfo__model"))


def shown(staff, **query):
    """IMEIs in the list."""
    answer = staff.get(list_of("device", **query))
    assert answer.status_code == 200
    return {row.imei for row in answer.context["cl"].result_list}


class TestList:
    def test_tells_what_and_where(self, staff, organization):
        text = text_of(staff.get(list_of("device")))

        assert f"{A} iPhone 13 IPHONE13 L1 yes 91 %" in text
        assert "check digit" in text
        assert "model suggested" in text
        assert f"{imei_of(2)} iPhone 13 IPHONE13 removed" in text

    def test_finds_and_filters(self, staff, organization):
        place = Location.objects.get(organization=organization, name="L2")
        cases = [
            ({"q": A[-4:]}, {A}),
            ({"q": f"IMEI: {B}"}, {B, A}),
            ({"q": "f2l"}, {A}),
            ({"q": "nothing"}, set()),
            ({"stock__location__id__exact": place.pk}, {B}),
            ({"working": "NO"}, {B}),
            ({"working": "PERHAPS"}, set()),
            ({"status": "removed"}, {imei_of(2)}),
            ({"luhn_invalid": "yes"}, {WRONG_DIGIT}),
            ({"suggested": "yes"}, {imei_of(1)}),
            ({"tac_mismatch": "yes"}, {imei_of(2)}),
            ({"assumed": "yes", "status": "removed"}, {imei_of(2)}),
        ]

        assert [(query, shown(staff, **query)) for query, _ in cases] == cases

    def test_shows_nobody_elses(self, organization):
        stranger = staff_client(OrganizationFactory(), *RIGHTS)

        assert shown(stranger) == set()
        assert shown(stranger, q=A) == set()
        assert shown(stranger, **of(organization)) == set()
        assert stranger.get(page_of(device(organization))).status_code == 404

    def test_costs_the_same_for_many(self, staff, organization, django_assert_max_num_queries):
        add(organization, *phones(100, 130))
        process(organization)
        staff.get(list_of("device"))

        with django_assert_max_num_queries(12):
            assert len(shown(staff)) == 35


class TestPage:
    def test_tells_all_that_is_known(self, staff, organization):
        text = text_of(staff.get(page_of(device(organization))))

        for part in (
            "in stock at L1 Main warehouse",
            "Model iPhone 13",
            "SKU IPHONE13 (made of what is known)",
            "Serial number F2LX9",
            "Battery 91 %",
            "Not known, a fallback stands in:",
            "Passed",
            "intake",
        ):
            assert part.casefold() in text.casefold(), part

    def test_links_its_items_and_the_phone_that_shares_an_imei(self, staff, organization):
        first, second = device(organization), device(organization, B)

        html = staff.get(page_of(first)).text

        assert f"/admin/inventory/queueitem/{first.last_queue_item_id}/change/" in html
        assert page_of(QueueBatch.objects.get(batch_id=first.last_batch_id)) in html
        assert page_of(second) in html
        assert "This IMEI is the second one of" in text_of(staff.get(page_of(second)))

    def test_leads_into_the_archive_when_its_items_are_there(self, staff, organization):
        clear_completed(organization_id=organization.pk)
        archived = QueueArchive.objects.get(organization=organization, imei=A)

        html = staff.get(page_of(device(organization))).text

        assert html.count(page_of(archived)) == 2
        assert "/admin/inventory/queueitem/" not in html.split("Where it has been")[1]

    def test_warns_of_a_wrong_digit_and_of_another_model(self, staff, organization):
        assert "8 instead of 9" in text_of(staff.get(page_of(device(organization, WRONG_DIGIT))))
        other = text_of(staff.get(page_of(device(organization, imei_of(2)))))
        assert "Other devices of this type are Apple iPhone 8." in other

    def test_offers_what_fits_and_is_allowed(self, staff, organization):
        suggested, removed = device(organization, imei_of(1)), device(organization, imei_of(2))
        viewer = staff_client(organization, "view_device", username="vera")

        offered = staff.get(page_of(suggested)).text
        assert [verb for verb in VERBS if page_of(suggested, verb) in offered] == [
            "move", "remove", "accept",
        ]  # fmt: skip
        offered = staff.get(page_of(removed)).text
        assert [verb for verb in VERBS if page_of(removed, verb) in offered] == ["restore"]
        offered = viewer.get(page_of(suggested)).text
        assert [verb for verb in VERBS if page_of(suggested, verb) in offered] == []

    @pytest.mark.parametrize("name", ["x", "0", "9" * 30])
    def test_knows_no_other_ids(self, staff, organization, name):
        assert staff.get(f"/admin/inventory/device/{name}/change/").status_code == 404
        assert staff.get(f"/admin/inventory/device/{name}/move/").status_code == 404


class TestVerbs:
    @pytest.mark.parametrize(
        ("verb", "after"),
        [
            ("move", ("active", "L2", "iPhone 13")),
            ("remove", ("removed", "L1", "iPhone 13")),
            ("restore", ("active", "L1", "iPhone 13")),
            ("accept", ("active", "L1", "iPhone 8")),
        ],
    )
    def test_ask_first_and_act_when_confirmed(self, staff, organization, verb, after):
        row, before = fitting(organization, verb), state(organization)

        assert "are you sure?" in staff.get(page_of(row, verb)).text
        assert state(organization) == before
        answer = staff.post(page_of(row, verb), DATA[verb])

        assert answer.status_code == 302
        assert words_of(answer)[0].startswith("The device was ")
        changed = set(state(organization)) - set(before) | {after}
        assert changed == {after}

    @pytest.mark.parametrize("verb", ["move", "remove", "restore"])
    def test_keep_the_reason_with_the_movement(self, staff, organization, verb):
        staff.post(page_of(fitting(organization, verb), verb), DATA[verb])

        move = Movement.objects.order_by("-id").first()
        assert (move.note, move.moved_by.is_staff) == (DATA[verb]["reason"], True)

    def test_keep_what_was_accepted_in_the_history(self, staff, organization):
        staff.post(page_of(fitting(organization, "accept"), "accept"), DATA["accept"])

        entry = LogEntry.objects.get()
        assert entry.change_message == (
            "Accepted the suggested model: Apple iPhone 8. Reason: Looked at it"
        )

    @pytest.mark.parametrize("verb", VERBS)
    def test_need_the_right_to_move(self, organization, verb):
        viewer = staff_client(organization, "view_device", "export_stock")
        row, before = fitting(organization, verb), state(organization)

        assert viewer.get(page_of(row, verb)).status_code == 403
        assert viewer.post(page_of(row, verb), DATA[verb]).status_code == 403
        choose(viewer, verb, [row], query={}, confirmed="yes", **DATA[verb])

        assert state(organization) == before

    def test_find_nobody_elses_devices(self, organization):
        stranger, before = staff_client(OrganizationFactory(), *RIGHTS), state(organization)

        for verb in VERBS:
            url = page_of(fitting(organization, verb), verb)
            assert stranger.post(url, DATA[verb]).status_code == 404
        assert state(organization) == before

    def test_make_places_only_when_told_so(self, staff, organization):
        url, new = page_of(device(organization), "move"), {**DATA["move"], "location": "L9"}

        refused = staff.post(url, new)
        assert words_of(refused) == [
            "Nothing was changed. There is no place 'L9'. Choose another, or make it."
        ]
        staff.post(url, {**new, "is_new": "on"})

        assert device(organization).stock.location.name == "L9"

    def test_offer_the_places_there_are(self, staff, organization):
        asked = staff.get(page_of(device(organization), "move")).text

        assert '<option value="L1">Main warehouse</option>' in asked

    def test_need_a_reason_to_remove(self, staff, organization):
        answer = staff.post(page_of(device(organization), "remove"), {"reason": " "})

        assert answer.status_code == 200
        assert 'role="alert"' in answer.text
        assert device(organization).status == "active"


class TestBulk:
    def test_counts_before_it_acts(self, staff, organization):
        devices = Device.objects.filter(organization=organization)

        asked = text_of(choose(staff, "move", devices, query={}))

        assert "Move: 4 of 5 chosen devices." in asked
        assert "only a device in stock can be moved" in asked

    def test_moves_all_that_match_though_only_one_is_ticked(self, staff, organization):
        rows = Device.objects.filter(organization=organization, imei=A)

        answer = choose(
            staff, "move", rows, query={"status": "active"}, select_across="1", confirmed="yes",
            **DATA["move"],
        )  # fmt: skip

        assert words_of(answer) == ["3 devices moved."]
        assert [place for _, place, _ in state(organization)].count("L2") == 4

    def test_removes_restores_and_accepts(self, staff, organization):
        for verb, words in (
            ("remove", "4 devices removed from stock."),
            ("restore", "5 devices restored to stock."),
            ("accept", "1 device given the suggested model."),
        ):
            rows = Device.objects.filter(organization=organization)
            answer = choose(staff, verb, rows, query={}, confirmed="yes", **DATA[verb])
            assert words_of(answer)[-1] == words

    def test_says_when_more_are_left(self, staff, organization, monkeypatch):
        few = {
            **device_verbs.DEVICE_VERBS,
            "remove": replace(device_verbs.REMOVE, limit=2),
        }
        monkeypatch.setattr("inventory.admin.devices.DEVICE_VERBS", few)
        rows = Device.objects.filter(organization=organization)

        answer = choose(staff, "remove", rows, query={}, confirmed="yes", **DATA["remove"])

        assert words_of(answer)[0] == "2 devices removed from stock."
        assert words_of(answer)[1].startswith("There are more")

    def test_refuses_an_unknown_place_in_words(self, staff, organization):
        data = {**DATA["move"], "location": "L9"}
        rows = Device.objects.filter(organization=organization)

        answer = choose(staff, "move", rows, query={}, confirmed="yes", **data)

        assert words_of(answer) == [
            "Nothing was changed. There is no place 'L9'. Choose another, or make it."
        ]


class TestExport:
    def test_takes_the_ticked_ones(self, staff, organization):
        rows = Device.objects.filter(organization=organization, imei__in=[A, B])

        assert "2 of 2 chosen devices" in text_of(choose(staff, "export", rows, query={}))
        answer = choose(
            staff, "export", rows, query={}, confirmed="yes", format="csv", reason="Audit"
        )

        job = StockJob.objects.get()
        assert answer.url == page_of(job)
        assert job.options == {
            "kind": "devices", "format": "csv", "filters": {}, "imeis": [B, A],
        }  # fmt: skip
        assert job.created_by.is_staff
        assert [line.message for line in list_log_tail(job, limit=5)] == ["Reason: Audit"]

    def test_takes_all_that_match_by_their_filters(self, staff, organization):
        rows = Device.objects.filter(organization=organization, imei=B)
        query = {"working": "NO", "q": "IPHONE13", **of(organization)}

        choose(
            staff, "export", rows, query=query, confirmed="yes", select_across="1", format="xlsx"
        )

        job = StockJob.objects.get()
        assert job.options["filters"] == {"working": "NO", "search": "IPHONE13"}
        assert "imeis" not in job.options
        assert job.organization == organization

    def test_takes_nothing_when_none_of_the_ticked_ones_is_there(self, staff, organization):
        stranger = OrganizationFactory()
        add(stranger, {"imei": A})
        process(stranger)
        rows = Device.objects.filter(organization=stranger)

        choose(staff, "export", rows, query=of(organization), confirmed="yes", format="csv")

        assert not StockJob.objects.exists()

    def test_needs_its_own_right(self, organization):
        mover = staff_client(organization, "view_device", "move_device")
        rows = Device.objects.filter(organization=organization)

        choose(mover, "export", rows, query={}, confirmed="yes", format="csv")

        assert not StockJob.objects.exists()
