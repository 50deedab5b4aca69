from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from inventory.models import Device, Movement
from tests.inventory.factories import A, B, add, imei_of, phones, process
from tests.inventory.v1_api import InventoryClient, assert_refused

pytestmark = pytest.mark.django_db

PHONE = {
    "imei": A, "imei2": imei_of(9), "serialNumber": "SN-1", "brand": "Apple", "color": "Blue",
    "model": "iPhone 13", "storage": "128GB", "location": "Shelf 1", "working": "YES",
    "batteryHealth": "91%", "sku": "MINE-1", "notes": "a scratch",
}  # fmt: skip
BARE = {"imei": B, "working": "NO", "failed": "Face ID"}


@pytest.fixture
def client():
    return InventoryClient()


@pytest.fixture
def stock(client):
    """A phone of which all is known, and one of which next to nothing is."""
    add(client.organization, PHONE, BARE)
    process(client.organization)
    return client


def found(client, **query):
    return {row["imei"] for row in client.results("/devices", **query)}


class TestDevicesView:
    def test_tells_what_is_known_of_each_device(self, stock):
        rows = {row["imei"]: row for row in stock.results("/devices")}

        known = {
            "imei2": imei_of(9), "serialNumber": "SN-1", "brand": "Apple", "model": "iPhone 13",
            "location": "Shelf 1", "warehouse": "Main warehouse", "workingStatus": "YES",
            "batteryHealth": 91, "sku": "MINE-1", "skuSource": "supplied", "status": "active",
            "luhnValid": True, "suggested": None,
        }  # fmt: skip
        assert {name: rows[A][name] for name in known} == known
        assert rows[A]["updatedAt"].endswith("Z")
        assert rows[B]["model"] == "Unknown Model"
        assert "model" in rows[B]["assumed"]
        assert rows[B]["serialNumber"] is None

    def test_filters(self, stock):
        expected = [
            ({"search": A}, {A}),
            ({"search": imei_of(9)}, {A}),
            ({"search": B[-5:]}, {B}),
            ({"search": "sn-"}, {A}),
            ({"search": "mine"}, {A}),
            ({"search": "nothing"}, set()),
            ({"location": " shelf  1"}, {A}),
            ({"warehouse": "main warehouse"}, {A, B}),
            ({"sku": "MINE-1"}, {A}),
            ({"brand": "apple", "model": "iphone 13"}, {A}),
            ({"result": "FAILED"}, {B}),
            ({"status": "removed"}, set()),
            ({"assumed": "true"}, {A, B}),
            ({"assumed": "false"}, {A, B}),
            ({"luhnInvalid": "true"}, set()),
            ({"tacMismatch": "true"}, set()),
            ({"suggested": "true"}, set()),
        ]

        assert [(query, found(stock, **query)) for query, _ in expected] == expected

    def test_finds_what_has_changed_since(self, stock):
        long_ago = timezone.now() - timedelta(days=1)
        Device.objects.filter(imei=B).update(updated_at=long_ago)

        assert found(stock, updatedAfter=(timezone.now() - timedelta(hours=1)).isoformat()) == {A}
        assert found(stock, updatedAfter=(long_ago - timedelta(hours=1)).isoformat()) == {A, B}

    def test_comes_in_pages_the_last_changed_first(self, client):
        add(client.organization, *phones(0, 5))
        process(client.organization)
        changed = imei_of(2)
        client.post(f"/devices/{changed}/move", {"location": "L2"})

        first = client.get("/devices", pageSize=3).json()
        second = client.http.get(first["next"]).json()

        imeis = [row["imei"] for row in first["results"] + second["results"]]
        assert imeis[0] == changed
        assert sorted(imeis) == [imei_of(number) for number in range(5)]
        assert (first["previous"], second["next"]) == (None, None)

    def test_costs_the_same_for_many_devices(self, client, django_assert_max_num_queries):
        add(client.organization, *phones(0, 20))
        process(client.organization)

        with django_assert_max_num_queries(6):
            assert len(client.results("/devices")) == 20

    def test_refuses_what_it_does_not_know(self, client):
        refusals = [
            ({"colour": "red"}, "unknown_filter"),
            ({"working": "YES"}, "unknown_filter"),
            ({"locationId": "1"}, "unknown_filter"),
            ({"result": "passed?"}, "validation_error"),
            ({"status": "gone"}, "validation_error"),
            ({"assumed": "perhaps"}, "validation_error"),
            ({"updatedAfter": "yesterday"}, "validation_error"),
            ({"sku": "x" * 101}, "validation_error"),
        ]

        for query, code in refusals:
            assert_refused(client.get("/devices", **query), 400, code)


class TestDeviceView:
    def test_adds_tests_movements_and_the_rest(self, stock):
        device = stock.get(f"/devices/{A}").json()

        assert device["notes"] == "a scratch"
        assert device["description"].startswith("Apple iPhone 13 128GB Blue")
        (test,) = device["tests"]
        assert (test["testResult"], test["working"]) == ("PASSED", "YES")
        (movement,) = device["movements"]
        assert (movement["reason"], movement["fromLocation"]) == ("intake", None)
        assert (movement["toLocation"], movement["movedBy"]) == ("Shelf 1", None)
        assert (device["differsFromTac"], device["secondOf"]) == (False, [])

    def test_is_found_by_any_spelling(self, stock):
        for spelling in (A[:14], f"IMEI: {A[:2]}-{A[2:]}"):
            assert stock.get(f"/devices/{spelling}").json()["imei"] == A

    def test_tells_whose_second_imei_it_is(self, stock):
        add(stock.organization, {"imei": imei_of(9)})
        process(stock.organization)

        assert stock.get(f"/devices/{imei_of(9)}").json()["secondOf"] == [A]

    def test_is_not_found_when_there_is_none(self, stock):
        for imei in (imei_of(7), "12", "x", "000000000000000"):
            assert_refused(stock.get(f"/devices/{imei}"), 404, "not_found", "Device not found")


class TestMoveDeviceView:
    def test_moves_a_device_in_the_name_of_the_person(self, stock):
        answer = stock.post(f"/devices/{A}/move", {"location": "Shelf 2", "note": "to test"})

        assert answer.json()["location"] == "Shelf 2"
        movement = Movement.objects.get(reason="move")
        assert (movement.moved_by, movement.note) == (stock.user, "to test")

    def test_moves_it_once_for_a_key(self, stock):
        key = {"Idempotency-Key": "move-1"}

        answers = [
            stock.post(f"/devices/{A}/move", {"location": "Shelf 2"}, **key) for _ in range(2)
        ]

        assert answers[0].json() == answers[1].json()
        assert Movement.objects.filter(reason="move").count() == 1

    def test_refuses_to_move_it_to_where_it_is(self, stock):
        answer = stock.post(f"/devices/{A}/move", {"location": "shelf 1"})

        assert_refused(answer, 409, "device_already_there")

    def test_refuses_what_is_no_place(self, stock):
        for location in (None, "", " ", 5, [], "x" * 101, "a\ud800"):
            answer = stock.post(f"/devices/{A}/move", {"location": location})

            assert answer.status_code == 400, location
        assert not Movement.objects.filter(reason="move").exists()


class TestRemoveDeviceView:
    def test_takes_a_device_out_of_stock_once(self, stock):
        path, body = f"/devices/{A}/remove", {"reason": "sold"}

        assert stock.post(path, body).json()["status"] == "removed"
        assert_refused(stock.post(path, body), 409, "device_removed")
        assert Movement.objects.get(reason="remove").note == "sold"

    def test_wants_a_reason(self, stock):
        assert_refused(stock.post(f"/devices/{A}/remove"), 400, "invalid_request")


class TestRestoreDeviceView:
    def test_brings_a_removed_device_back_once(self, stock):
        stock.post(f"/devices/{A}/remove", {"reason": "sold"})

        answer = stock.post(f"/devices/{A}/restore")

        assert (answer.json()["status"], answer.json()["location"]) == ("active", "Shelf 1")
        assert_refused(stock.post(f"/devices/{A}/restore"), 409, "device_active")


class TestWhoMay:
    def test_others_learn_nothing(self, stock):
        stranger, nobody = InventoryClient(role=Role.OWNER), InventoryClient(role=None)
        body = {"location": "Shelf 2", "reason": "sold"}

        for verb in ("move", "remove", "restore"):
            foreign = stranger.post(f"/devices/{A}/{verb}", body)

            assert_refused(foreign, 404, "not_found", "Device not found")
            assert foreign.json() == stranger.post(f"/devices/{imei_of(7)}/{verb}", body).json()
            assert nobody.post(f"/devices/{A}/{verb}", body).status_code == 401
        assert found(stranger) == set()
        assert stranger.get(f"/devices/{A}").status_code == 404
        assert Movement.objects.exclude(reason="intake").count() == 0

    def test_viewers_only_look(self, stock):
        viewer = InventoryClient(stock.organization, Role.VIEWER)

        assert found(viewer) == {A, B}
        for verb in ("move", "remove", "restore"):
            answer = viewer.post(f"/devices/{A}/{verb}", {"location": "Shelf 2", "reason": "sold"})
            assert_refused(answer, 403, "role_not_allowed")
