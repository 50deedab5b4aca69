"""A script of a customer, unchanged but for its token, against a real server."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from accounts.models import Role
from inventory.models import Device, Inspection, SkuInfo, StockEntry
from tests.accounts.factories import bearer, make_member

pytestmark = pytest.mark.django_db(transaction=True)

SCRIPT = Path(__file__).parent / "queue_client.py"


def run_script(url: str, token: str) -> "subprocess.CompletedProcess[str]":
    """With nothing of ours: no environment, no package."""
    return subprocess.run(
        [sys.executable, "-I", str(SCRIPT), url],
        env={"TOKEN": token},
        capture_output=True,
        text=True,
        timeout=60,
    )


class TestQueueClient:
    def test_posts_watches_and_works_off(self, live_server):
        token = bearer(make_member(Role.OPERATOR))["Authorization"].removeprefix("Bearer ")

        done = run_script(live_server.url, token)

        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        assert report["message"] == "Added 3 items to queue. Processing started."
        assert report["pendingBefore"] == 3
        assert report["listed"] == ["356938035643809", "490154203237518", "12"]
        assert [text.rstrip("0123456789") for text in report["said"]] == [
            "Successfully processed item ",
            "Successfully processed item ",
            "Failed to process item ",
            "No items to process",
        ]
        assert report["failed"] == {"12": "IMEI must have 15 digits, got 2"}
        batch, stats = report["batch"], report["stats"]
        assert (batch["status"], batch["progress"], batch["source"]) == ("completed", 100, "client")
        assert batch["statusCounts"] == {"completed": 2, "failed": 1}
        assert (stats["completedItems"], stats["failedItems"], stats["pendingItems"]) == (2, 1, 0)
        first = Device.objects.get(imei="356938035643809")
        assert first.sku == SkuInfo.objects.get(pk=first.pk).sku == "IPHONE13PRO-256-BLU-UNL"
        assert StockEntry.objects.get(item=first).location.name == "Warehouse A"
        assert Inspection.objects.get(imei="490154203237518").defects == "Face ID,Rear Camera"

    def test_is_told_that_its_token_is_none(self, live_server):
        done = run_script(live_server.url, "nonsense")

        assert done.returncode != 0
        assert "401" in done.stderr
