import pytest

from accounts.models import Role
from inventory.models import Location, Movement
from tests.inventory.factories import A, B, add, process
from tests.inventory.v1_api import InventoryClient, assert_refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    """Two phones at two places, one of them moved by hand."""
    client = InventoryClient()
    add(client.organization, {"imei": A, "location": "Shelf 1"}, {"imei": B, "location": "Bin 9"})
    process(client.organization)
    client.post(f"/devices/{A}/move", {"location": "Bin 9"})
    stranger = InventoryClient()
    add(stranger.organization, {"imei": A, "location": "Elsewhere"})
    process(stranger.organization)
    return client


class TestLocationsView:
    def test_lists_places_by_name(self, client):
        bin_9, shelf = client.results("/locations")

        assert (bin_9["name"], shelf["name"]) == ("Bin 9", "Shelf 1")
        assert (shelf["warehouse"], shelf["autoCreated"]) == ("Main warehouse", True)
        assert shelf["description"] == "Auto-created location for Shelf 1"

    def test_comes_in_pages(self, client):
        first = client.get("/locations", pageSize=1).json()
        second = client.http.get(first["next"]).json()

        assert [row["name"] for row in first["results"] + second["results"]] == [
            "Bin 9", "Shelf 1",
        ]  # fmt: skip

    def test_filters(self, client):
        Location.objects.filter(name="Shelf 1").update(is_active=False)

        def names(**query):
            return [row["name"] for row in client.results("/locations", **query)]

        assert names(name="BIN  9") == ["Bin 9"]
        assert names(warehouse="main warehouse") == ["Bin 9", "Shelf 1"]
        assert names(warehouse="other") == []
        assert names(isActive="false") == ["Shelf 1"]

    def test_refuses_what_it_does_not_know(self):
        client = InventoryClient()

        assert_refused(client.get("/locations", shelf="1"), 400, "unknown_filter")
        assert_refused(client.get("/locations", isActive="x"), 400, "validation_error")


class TestMovementsView:
    def test_lists_movements_the_newest_first(self, client):
        move, *intakes = client.results("/movements")

        assert (move["imei"], move["reason"]) == (A, "move")
        assert (move["fromLocation"], move["toLocation"]) == ("Shelf 1", "Bin 9")
        assert move["movedBy"] == client.user.username
        assert {row["reason"] for row in intakes} == {"intake"}
        assert {row["imei"] for row in intakes} == {A, B}
        assert all(row["queueItemId"] for row in intakes)

    def test_filters(self, client):
        first = Movement.objects.filter(organization=client.organization).earliest("pk")
        moment = first.created_at.isoformat()

        def reasons(**query):
            return sorted(row["reason"] for row in client.results("/movements", **query))

        assert reasons(imei=f"IMEI: {A}") == ["intake", "move"]
        assert reasons(imei="12") == []
        assert reasons(reason="move") == ["move"]
        assert reasons(reason=["move", "undo"], imei=B) == []
        assert reasons(createdBefore=moment) == []
        assert reasons(createdFrom=moment) == ["intake", "intake", "move"]

    def test_refuses_what_it_does_not_know(self):
        client = InventoryClient()

        assert_refused(client.get("/movements", place="x"), 400, "unknown_filter")
        assert_refused(client.get("/movements", reason="x"), 400, "validation_error")

    def test_costs_the_same_for_many_movements(self, client, django_assert_max_num_queries):
        with django_assert_max_num_queries(6):
            assert len(client.results("/movements")) == 3


class TestStockView:
    def test_counts_by_place_and_sku(self, client):
        found = client.get("/stock").json()

        (row,) = found["results"]
        counts = {"inStock": 2, "passed": 0, "failed": 0, "pending": 2}
        assert row == {
            "warehouse": "Main warehouse", "location": "Bin 9", "sku": None, **counts,
        }  # fmt: skip
        assert found["totals"] == {"warehouse": None, "location": None, "sku": None, **counts}

    def test_groups_as_it_is_asked(self, client):
        for by in ("location", "sku", "sku,location"):
            (row,) = client.get("/stock", by=by).json()["results"]

            assert (row["location"] is not None) == ("location" in by)

    def test_filters_by_warehouse(self, client):
        assert client.get("/stock", warehouse="other").json()["results"] == []

    def test_refuses_what_it_does_not_know(self):
        client = InventoryClient()

        for by in ("", "color", "sku,", "x" * 500):
            assert_refused(client.get("/stock", by=by), 400, "invalid_request")
        assert_refused(client.get("/stock", place="x"), 400, "unknown_filter")


class TestWhoMay:
    def test_others_see_nothing_of_it(self, client):
        stranger, nobody = InventoryClient(role=Role.OWNER), InventoryClient(role=None)

        for path in ("/locations", "/movements", "/stock"):
            assert stranger.results(path) == []
            assert nobody.get(path).status_code == 401
            assert stranger.post(path).status_code == 405
