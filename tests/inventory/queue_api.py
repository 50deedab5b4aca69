"""How the tests of the queue's contract call it, and the rows that they call it with."""

import json
from typing import Any

from tests.accounts.api_client import MemberClient

QUEUE = "/api/hybrid-queue"
A, B = "490154203237518", "356938035643809"
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


class QueueClient(MemberClient):
    root = QUEUE

    def post(self, path: str, body: Any = "", **headers: str) -> Any:
        """A text or bytes are sent as they are."""
        content = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.http.post(
            f"{QUEUE}{path}", content, content_type="application/json", headers=headers
        )

    def delete(self, path: str, **headers: str) -> Any:
        return self.http.delete(f"{QUEUE}{path}", headers=headers)

    def add(self, *items: Any, **options: Any) -> Any:
        return self.post("/add", {"items": items, **options})

    def add_imeis(self, *imeis: str, **options: Any) -> str:
        """Returns the id of the batch."""
        answer = self.add(*({"imei": imei} for imei in imeis), **options)
        assert answer.status_code == 200, answer.content
        batch_id: str = answer.json()["data"]["batchId"]
        return batch_id


def assert_refused(answer: Any, status: int, text: str, code: str = "invalid_request") -> None:
    """The envelope of every error, and nothing else."""
    expected = {"success": False, "message": text, "error": text, "code": code}
    assert (answer.status_code, answer.json()) == (status, expected)
    assert answer.headers["Content-Type"] == "application/json"


def make_imei(number: int) -> str:
    """The IMEIs of the specification: 35, twelve digits, check digit."""
    digits = f"35{number:012}"
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(digits)]
    return digits + str(-sum(d // 10 + d % 10 for d in doubled) % 10)
