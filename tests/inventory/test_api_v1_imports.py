import csv
import io
import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Role
from inventory.models import QueueImport, QueueItem
from jobs.runner import run_job
from tests.inventory.factories import A, B, add, process
from tests.inventory.imports import EXAMPLE, make_import
from tests.inventory.v1_api import V1, InventoryClient, assert_refused

pytestmark = pytest.mark.django_db

FIELDS = {"location": "L1", "priority": "2", "validation": "strict", "scheduledAt": ""}
NO_IMPORTS = [
    ({}, "validation_error"),
    ({"text": ""}, "validation_error"),
    ({"text": " \n"}, "file_empty"),
    ({"text": 7 * [A]}, "validation_error"),
    ({"text": A, "priority": 11}, "invalid_request"),
    ({"text": A, "validation": "x"}, "invalid_request"),
    ({"text": A, "scheduledAt": "soon"}, "invalid_request"),
    ({"text": A, "location": "x" * 101}, "invalid_request"),
]
NO_ANSWERS = [
    ({}, "mapping_invalid"),
    ({"mapping": {"Paint": "color"}, "headerLine": 1}, "mapping_invalid"),
    ({"mapping": ["Paint"]}, "validation_error"),
    ({"mapping": {"Paint": {"a": 1}}}, "validation_error"),
    ({"mapping": {"Paint": "colour"}}, "mapping_invalid"),
    ({"mapping": {"imei": ""}}, "mapping_invalid"),
    ({"sheet": "Plan"}, "answer_invalid"),
    ({"headerLine": -1}, "answer_invalid"),
    ({"imeiColumn": 10**9}, "answer_invalid"),
]


@pytest.fixture
def client():
    return InventoryClient()


@pytest.fixture
def judged(client):
    add(client.organization, {"imei": B})
    process(client.organization)
    return make_import(client.organization)


def upload(client, content=EXAMPLE, name="phones.csv", **fields):
    file = SimpleUploadedFile(name, content.encode())
    return client.http.post(f"{V1}/imports", {"file": file, **fields})


class TestImportsView:
    def test_takes_a_file_to_be_read(self, client):
        answer = upload(client, **FIELDS)

        made = answer.json()
        row = QueueImport.objects.get()
        assert answer.status_code == 202
        assert answer.headers["Location"] == f"{V1}/imports/{row.pk}"
        assert (made["id"], made["status"], made["counts"]) == (str(row.pk), "uploaded", None)
        assert (made["fileName"], made["source"]) == ("phones.csv", "file-import")
        assert (made["location"], made["priority"], made["validation"]) == ("L1", 2, "strict")
        assert row.created_by == client.user

    def test_asks_a_form_for_its_file(self, client):
        file = SimpleUploadedFile("phones.csv", b"imei")

        answer = client.http.post(f"{V1}/imports", {"upload": file})

        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["file"])

    def test_takes_a_pasted_list(self, client):
        made = client.post("/imports", {"text": f"{A}\tL1\n{B}\tL2", "source": "desk"}).json()

        run_job(QueueImport.objects.get())
        read = client.get(f"/imports/{made['id']}").json()
        assert (read["source"], read["format"], read["canQueue"]) == ("desk", "paste", True)
        assert read["counts"]["new"] == 2

    def test_makes_one_for_each_key(self, client):
        made = [
            client.post("/imports", {"text": A}, **{"Idempotency-Key": "k"}).json()
            for _ in range(2)
        ]

        assert made[0] == made[1]
        assert QueueImport.objects.count() == 1

    def test_refuses_what_is_no_import(self, client):
        for body, code in NO_IMPORTS:
            assert_refused(client.post("/imports", body), 400, code)

        assert not QueueImport.objects.exists()

    def test_refuses_what_is_no_table(self, client):
        assert_refused(upload(client, "\x89PNG\x00", "a.png"), 400, "table_unreadable")
        assert_refused(upload(client, "", "a.csv"), 400, "file_empty")

    def test_asks_before_the_same_file_again(self, client, judged):
        client.post(f"/imports/{judged.pk}/queue")

        refused = upload(client)

        judged.refresh_from_db()
        day = f"{timezone.now():%Y-%m-%d}"
        text = f"This file was imported on {day} as {judged.batch_id}. Import again?"
        assert_refused(refused, 409, "import_repeated", text)
        assert refused.json()["batchId"] == judged.batch_id
        assert upload(client, confirmed="true").status_code == 202

    def test_takes_nothing_from_viewers(self, client):
        viewer = InventoryClient(client.organization, Role.VIEWER)

        assert_refused(viewer.post("/imports", {"text": A}), 403, "role_not_allowed")


class TestImportView:
    def test_tells_what_the_dry_run_found(self, client, judged):
        read = client.get(f"/imports/{judged.pk}").json()

        assert (read["status"], read["progress"], read["batchId"]) == ("ready", 100, None)
        assert read["counts"] == {
            "rows": 7, "new": 2, "update": 1, "duplicate": 2, "invalid": 2, "queueable": 5,
            "warnings": {"check_digit_added": 1},
            "errors": {"imei_length": 1, "imei_scientific": 1},
        }  # fmt: skip
        assert read["columns"][2] == {
            "column": "Paint",
            "field": "",
            "guess": "",
            "samples": ["red"],
        }

    def test_tells_why_a_file_was_refused(self, client):
        row = make_import(client.organization, "IMEI\n", name="empty.csv")

        read = client.get(f"/imports/{row.pk}").json()

        assert (read["status"], read["errorCode"]) == ("failed", "file_empty")
        assert read["errorMessage"] == "The file has no rows"

    def test_knows_nothing_of_others(self, client, judged):
        foreign = InventoryClient()

        for row in (judged.pk, uuid.uuid4()):
            assert_refused(foreign.get(f"/imports/{row}"), 404, "not_found", "Import not found")
            assert_refused(foreign.get(f"/imports/{row}/errors"), 404, "not_found")
            assert_refused(foreign.post(f"/imports/{row}/queue"), 404, "not_found")
            assert_refused(foreign.send("PUT", f"/imports/{row}/mapping"), 404, "not_found")


class TestImportErrorsView:
    def test_lists_the_invalid_rows(self, client, judged):
        answer = client.get(f"/imports/{judged.pk}/errors")

        first, second = json.loads(b"".join(answer.streaming_content))["results"]

        assert first == {
            "line": 5,
            "errorCode": "imei_length",
            "reason": "IMEI must have 15 digits, got 2",
            "data": {"imei": "12"},
        }
        assert second["errorCode"] == "imei_scientific"

    def test_gives_a_file_to_correct_and_send_again(self, client, judged):
        answer = client.get(f"/imports/{judged.pk}/errors", format="csv")

        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
        assert rows[0] == ["imei", "Model", "Paint", "line", "error_code", "reason"]
        assert rows[1][:4] == ["12", "", "", "5"]
        assert answer.headers["Content-Disposition"].endswith(f'-{judged.pk}-errors.csv"')

    def test_knows_its_formats(self, client, judged):
        assert client.get(f"/imports/{judged.pk}/errors", format="xlsx").status_code == 200
        assert_refused(
            client.get(f"/imports/{judged.pk}/errors", format="pdf"), 400, "invalid_request"
        )


class TestImportMappingView:
    def test_judges_anew(self, client, judged):
        body = {"mapping": {"Paint": "color", "Model": "ignore"}}

        answer = client.send("PUT", f"/imports/{judged.pk}/mapping", body)

        assert (answer.status_code, answer.json()["counts"]) == (202, None)
        run_job(judged)
        read = client.get(f"/imports/{judged.pk}").json()
        assert [column["field"] for column in read["columns"]] == ["imei", "ignore", "color"]
        assert read["counts"]["rows"] == 7

    def test_takes_the_answer_to_a_question(self, client):
        row = make_import(client.organization, f"Phone,Paint\n{A},red\nnone,blue\n")
        asked = client.get(f"/imports/{row.pk}").json()["question"]

        answer = client.send(
            "PUT", f"/imports/{row.pk}/mapping", {"headerLine": 1, "imeiColumn": 0}
        )

        assert asked["kind"] == "header"
        assert asked["rows"][0] == {"line": 1, "cells": ["Phone", "Paint"]}
        assert answer.status_code == 202
        run_job(row)
        assert client.get(f"/imports/{row.pk}").json()["counts"]["new"] == 1

    def test_refuses_what_it_does_not_understand(self, client, judged):
        for body, code in NO_ANSWERS:
            assert_refused(client.send("PUT", f"/imports/{judged.pk}/mapping", body), 400, code)


class TestQueueImportView:
    def test_queues_once(self, client, judged):
        answer = client.post(f"/imports/{judged.pk}/queue")

        queued = answer.json()
        assert (answer.status_code, queued["added"], queued["startsAt"]) == (200, 5, None)
        items = QueueItem.objects.filter(batch_id=queued["batchId"])
        assert items.count() == 5
        assert client.get(f"/batches/{queued['batchId']}/errors").status_code == 200
        assert_refused(client.post(f"/imports/{judged.pk}/queue"), 409, "import_not_ready")

    def test_does_not_queue_what_is_not_judged_or_all_wrong(self, client):
        made = upload(client).json()
        wrong = make_import(client.organization, "imei\n12\n")

        assert_refused(client.post(f"/imports/{made['id']}/queue"), 409, "import_not_ready")
        assert_refused(client.post(f"/imports/{wrong.pk}/queue"), 409, "nothing_to_queue")
