"""A customer's script for the IMEI queue, as it was written against the contract.

    TOKEN=… python queue_client.py http://host

It knows nothing but five endpoints and their keys. Only the header with the token was added.
"""

import json
import os
import sys
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

BASE = f"{sys.argv[1]}/api/hybrid-queue"
PHONES = [
    {
        "imei": "356938035643809",
        "name": "iPhone 13 Pro",
        "brand": "Apple",
        "model": "iPhone 13 Pro",
        "storage": "256GB",
        "color": "Sierra Blue",
        "carrier": "Unlocked",
        "location": "Warehouse A",
        "working": "YES",
        "failed": "NO",
        "batteryHealth": "95%",
        "batteryCycle": 120,
        "screenCondition": "Good",
        "bodyCondition": "Good",
        "notes": "",
        "testerName": "Kim",
        "quantity": 1,
    },
    {"imei": "490154203237518", "model": "Galaxy S21+", "failed": "Face ID,Rear Camera"},
    {"imei": "12"},
]


def call(method: str, path: str, body: Any = None) -> dict[str, Any]:
    request = Request(BASE + path, method=method)
    request.add_header("Authorization", f"Bearer {os.environ['TOKEN']}")
    data = None
    if body is not None:
        request.add_header("Content-Type", "application/json")
        data = json.dumps(body).encode()
    with urlopen(request, data, timeout=30) as response:
        answer: dict[str, Any] = json.load(response)
    if not answer["success"]:
        raise SystemExit(answer["error"])
    return answer


def main() -> None:
    added = call("POST", "/add", {"items": PHONES, "source": "client", "priority": 5})
    batch_id = added["data"]["batchId"]
    before = call("GET", "/stats")["data"]
    pending = call("GET", "/items?" + urlencode({"status": "pending", "limit": 10}))

    said = []
    while True:
        answer = call("POST", "/process-next")
        said.append(answer["message"])
        if not answer["data"]["processed"] and not answer["data"]["errors"]:
            break

    failed = call("GET", "/items?" + urlencode({"status": "failed", "batchId": batch_id}))
    report = {
        "message": added["message"],
        "pendingBefore": before["pendingItems"],
        "listed": [item["rawData"]["imei"] for item in pending["data"]],
        "said": said,
        "failed": {item["rawData"]["imei"]: item["errorMessage"] for item in failed["data"]},
        "batch": call("GET", f"/batch/{batch_id}")["data"],
        "stats": call("GET", "/stats")["data"],
    }
    sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    main()
