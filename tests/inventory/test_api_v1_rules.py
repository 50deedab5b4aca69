import pytest

from accounts.models import Role
from inventory.models import QueueSource, SkuRule, TacModel
from tests.inventory.v1_api import InventoryClient, assert_refused

pytestmark = pytest.mark.django_db

SCHEMA = {"type": "object", "required": ["model"], "properties": {"model": {"minLength": 2}}}
BODIES = {
    "/sources": {
        "name": "scan", "jsonSchema": SCHEMA, "validation": "strict", "maxRetries": 5,
        "defaultLocation": "Dock", "isActive": True,
    },
    "/sku-rules": {
        "position": 10, "matchBrand": "Apple", "matchModel": "iPhone 13", "matchStorage": "",
        "matchColor": "", "matchCarrier": "", "sku": "A13", "isActive": False,
    },
    "/tac-models": {"tac": "35693803", "brand": "Apple", "model": "iPhone 13", "confirmed": True},
}  # fmt: skip
CHANGES = {
    "/sources": {"jsonSchema": None, "maxRetries": None},
    "/sku-rules": {"position": 3, "isActive": True},
    "/tac-models": {"model": "iPhone 14"},
}
PATHS = sorted(BODIES)


@pytest.fixture
def client():
    return InventoryClient(role=Role.MANAGER)


class TestRuleViewSet:
    @pytest.mark.parametrize("path", PATHS)
    def test_makes_reads_changes_and_deletes(self, client, path):
        made = client.post(path, BODIES[path])
        row = f"{path}/{made.json()['id']}"

        assert made.status_code == 201
        assert {name: made.json()[name] for name in BODIES[path]} == BODIES[path]
        assert made.json()["createdAt"].endswith("Z")
        changed = client.send("PATCH", row, CHANGES[path]).json()
        assert {name: changed[name] for name in BODIES[path]} == BODIES[path] | CHANGES[path]
        assert client.get(row).json() == changed
        assert client.results(path) == [changed]
        assert client.send("DELETE", row).status_code == 204
        assert_refused(client.get(row), 404, "not_found")

    @pytest.mark.parametrize("path", PATHS)
    def test_makes_one_for_each_key(self, client, path):
        key = {"Idempotency-Key": "rule-1"}

        made = [client.post(path, BODIES[path], **key).json() for _ in range(2)]

        assert made[0] == made[1]
        assert len(client.results(path)) == 1

    @pytest.mark.parametrize("path", ["/sources", "/tac-models"])
    def test_keeps_names_apart(self, client, path):
        client.post(path, BODIES[path])

        assert_refused(client.post(path, BODIES[path]), 409, "rule_exists")
        # Another organization has its own.
        assert InventoryClient(role=Role.OWNER).post(path, BODIES[path]).status_code == 201

    @pytest.mark.parametrize("path", PATHS)
    def test_is_for_managers_of_the_organization(self, client, path):
        row = f"{path}/{client.post(path, BODIES[path]).json()['id']}"
        stranger = InventoryClient(role=Role.OWNER)
        operator = InventoryClient(client.organization, Role.OPERATOR)

        assert stranger.results(path) == []
        for method in ("GET", "PATCH", "DELETE"):
            assert_refused(stranger.send(method, row, CHANGES[path]), 404, "not_found")
        assert len(operator.results(path)) == 1
        for method, where in (("POST", path), ("PATCH", row), ("DELETE", row)):
            assert_refused(operator.send(method, where, CHANGES[path]), 403, "role_not_allowed")
        assert InventoryClient(role=None).get(path).status_code == 401
        assert client.send("PUT", row, BODIES[path]).status_code == 405
        assert len(client.results(path)) == 1

    def test_refuses_what_cannot_be_kept(self, client):
        wrong = [
            ("/sources", {"name": ""}),
            ("/sources", {"name": "x" * 51}),
            ("/sources", {"maxRetries": 11}),
            ("/sources", {"validation": "lax"}),
            ("/sku-rules", {"position": -1}),
            ("/sku-rules", {"position": 2**31}),
            ("/sku-rules", {"sku": ""}),
            ("/tac-models", {"tac": "3569380"}),
            ("/tac-models", {"tac": "\u0663" * 8}),
            ("/tac-models", {"brand": "x" * 101}),
        ]

        for path, values in wrong:
            answer = client.post(path, BODIES[path] | values)
            assert_refused(answer, 400, "validation_error")
            assert answer.json()["fields"].keys() == values.keys()

    def test_takes_no_schema_that_a_drain_could_not_use(self, client):
        for schema in ({"type": "nonsense"}, {"$ref": "https://example.com/x"}, [], "x"):
            answer = client.post("/sources", {"name": "scan", "jsonSchema": schema})

            assert_refused(answer, 400, "schema_invalid")
        assert not QueueSource.objects.exists()

    def test_counts_devices_of_a_tac_by_itself(self, client):
        body = BODIES["/tac-models"] | {"deviceCount": 9}

        assert client.post("/tac-models", body).json()["deviceCount"] == 0


class TestLists:
    def test_come_in_their_order_page_by_page_and_filtered(self, client):
        mine = {"organization": client.organization}
        for position in (3, 1, 2):
            SkuRule.objects.create(**mine, position=position, sku=f"S{position}")
        for name in ("b", "a"):
            QueueSource.objects.create(**mine, name=name, is_active=name == "a")
            tac = "35693803" if name == "a" else "35693804"
            TacModel.objects.create(**mine, tac=tac, brand=name, model="X", confirmed=False)

        def names(path, key, **query):
            return [row[key] for row in client.results(path, **query)]

        first = client.get("/sku-rules", pageSize=2).json()
        second = client.http.get(first["next"]).json()
        assert [row["sku"] for row in first["results"] + second["results"]] == ["S1", "S2", "S3"]
        assert names("/sku-rules", "sku", sku="S2") == ["S2"]
        assert names("/sources", "name") == ["a", "b"]
        assert names("/sources", "name", isActive="false") == ["b"]
        assert names("/sources", "name", name="a") == ["a"]
        assert names("/tac-models", "tac") == ["35693803", "35693804"]
        assert names("/tac-models", "tac", brand="B", confirmed="false") == ["35693804"]
        for path in PATHS:
            assert_refused(client.get(path, color="red"), 400, "unknown_filter")
            assert_refused(client.get(path, cursor="x"), 400, "validation_error")
