"""How the tests of `/api/v1/inventory` call it."""

import json
from typing import Any

from django.core.files.base import ContentFile

from accounts.models import Organization
from inventory.models import (
    Device,
    Inspection,
    Location,
    SkuInfo,
    StockEntry,
    StockJob,
    UnitInfo,
    Warehouse,
)
from tests.accounts.api_client import MemberClient
from tests.inventory.factories import B

V1 = "/api/v1/inventory"


class InventoryClient(MemberClient):
    root = V1

    def results(self, path: str, **query: Any) -> Any:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        content = json.dumps({} if body is None else body)
        return self.http.generic(
            method, f"{V1}{path}", content, content_type="application/json", headers=headers
        )

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)


def assert_refused(answer: Any, status: int, code: str, text: str | None = None) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert text is None or problem["error"] == text


def make_export(organization: Organization) -> StockJob:
    """Finished without any work."""
    job = StockJob(
        organization=organization,
        kind="export",
        status="completed",
        options={"kind": "stock", "format": "csv", "filters": {}},
    )
    job.file.save("stock.csv", ContentFile(b"Warehouse"), save=False)
    job.save()
    return job


def make_device(organization: Organization, imei: str = B) -> Device:
    """In stock at a place of its own, without a queue."""
    mine: dict[str, Any] = {"organization": organization}
    device = Device.objects.create(**mine, imei=imei, luhn_valid=True, name="Phone")
    part = {**mine, "item": device, "imei": imei}
    what = {"brand": "Apple", "model": "iPhone 13", "storage": "128GB"}
    SkuInfo.objects.create(**part, **what, color="Blue", carrier="Unlocked", tac=imei[:8])
    Inspection.objects.create(
        **part, working_status="YES", screen_condition="Good", body_condition="Good"
    )
    UnitInfo.objects.create(**part, unit_name="Phone")
    warehouse = Warehouse.objects.create(**mine, name=f"W{imei}", name_key=f"w{imei}")
    place = Location.objects.create(**mine, warehouse=warehouse, name="L", name_key="l")
    StockEntry.objects.create(**part, location=place)
    return device
