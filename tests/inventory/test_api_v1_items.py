import pytest

from accounts.models import Role
from inventory.models import QueueItem
from tests.inventory.factories import A, B, add, imei_of, phones, process
from tests.inventory.v1_api import InventoryClient, assert_refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return InventoryClient(role=Role.VIEWER)


def imeis(rows):
    return [row["rawData"]["imei"] for row in rows]


class TestItemsView:
    def test_lists_items_in_the_order_of_the_queue_page_by_page(self, client):
        add(client.organization, *phones(0, 3))
        add(client.organization, {"imei": A}, priority=1)

        first = client.get("/items", pageSize=3).json()
        second = client.http.get(first["next"]).json()

        rows = first["results"] + second["results"]
        assert imeis(rows) == [A, imei_of(0), imei_of(1), imei_of(2)]
        assert (first["previous"], second["next"]) == (None, None)
        assert rows[0]["priority"] == 1
        assert rows[0]["status"] == "pending"

    def test_filters(self, client):
        batch = add(client.organization, {"imei": A}, {"imei": "12"}, {"imei": "x"}, source="api")
        process(client.organization)
        add(client.organization, {"imei": B}, source="scan")
        retried = QueueItem.objects.get(source="scan")
        QueueItem.objects.filter(pk=retried.pk).update(error_code="imei_length")

        def found(**query):
            return imeis(client.results("/items", **query))

        assert found(status="completed") == [A]
        assert found(batchId=batch.batch_id, status="failed") == ["12", "x"]
        assert found(source="scan") == [B]
        assert found(imei=f"IMEI {B}".replace(" ", ": ")) == [B]
        assert found(errorCode="imei_length") == ["12"]
        assert found(errorCode="imei_length", status="pending") == [B]
        assert found(errorCode="nonsense") == found(status="nonsense") == []

    @pytest.mark.parametrize("cursor", ["x", "\u00e9", "A" * 5000])
    def test_refuses_other_cursors(self, client, cursor):
        answer = client.get("/items", cursor=cursor)

        assert_refused(answer, 400, "validation_error", "cursor: Invalid cursor")

    def test_refuses_what_it_does_not_know(self, client):
        assert_refused(client.get("/items", state="x"), 400, "unknown_filter")

    def test_is_of_ones_own_organization(self, client):
        add(client.organization, {"imei": A})

        assert InventoryClient(role=Role.OWNER).results("/items") == []
        assert InventoryClient(role=None).get("/items").status_code == 401
