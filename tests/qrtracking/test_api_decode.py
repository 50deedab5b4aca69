"""`/api/v1/qr/decode`: the photo button of phones that cannot read codes themselves."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import Role
from tests.qrtracking.api import ROLE_REFUSED, client_of, make_batch
from tests.scanning.pictures import as_file, draw_code, draw_tray

pytestmark = pytest.mark.django_db

DECODE = "/api/v1/qr/decode"


def send(client, data, **headers):
    photo = SimpleUploadedFile("photo.png", data, content_type="image/png")
    return client.post(DECODE, {"image": photo}, headers=headers)


def told(answer):
    body = answer.json()
    return answer.status_code, body["error"], body["code"]


@pytest.fixture
def client():
    return client_of(make_batch())


class TestDecode:
    def test_reads_the_code_of_a_label(self, client):
        answer = send(client, as_file(draw_code("https://x/track/product/PROD-1")))

        expected = {"codes": ["https://x/track/product/PROD-1"]}
        assert (answer.status_code, answer.json()) == (200, expected)

    def test_reads_all_codes_of_a_tray_by_rows(self, client):
        texts = [f"PROD-{number}" for number in range(1, 13)]

        assert send(client, as_file(draw_tray(texts))).json()["codes"] == texts

    @pytest.mark.parametrize("data", [b"", b"x", b"%PDF-1.7", b"<svg/>", b"\x00" * 1000])
    def test_refuses_what_is_no_image(self, client, data):
        assert told(send(client, data)) == (400, "File is not an image", "not_an_image")

    def test_refuses_a_form_without_a_file(self, client):
        answer = client.post(DECODE, {"image": "x"})

        assert told(answer) == (400, "File is not an image", "not_an_image")

    def test_refuses_a_file_of_over_10_megabytes(self, client):
        answer = send(client, b"x" * (10 * 1024 * 1024 + 1))

        assert answer.status_code == 413
        assert answer.json()["code"] == "image_too_large"

    def test_says_that_there_is_no_code(self, client):
        answer = send(client, as_file(Image.new("L", (200, 200), "white")))

        assert told(answer) == (422, "No code found in the photo", "no_code")

    def test_takes_no_json(self, client):
        answer = client.post(DECODE, {"image": "x"}, content_type="application/json")

        assert answer.status_code == 415

    def test_answers_a_broken_form_in_json(self, client):
        answer = client.generic("POST", DECODE, b"x", content_type="multipart/form-data")

        assert answer.status_code == 400
        assert answer.json()["code"] == "parse_error"

    def test_answers_the_same_photo_for_the_same_key_from_memory(self, client):
        data = as_file(draw_code("PROD-1"))
        key = {"Idempotency-Key": "one"}

        send(client, data, **key)
        again = send(client, data, **key)
        other = send(client, as_file(draw_code("PROD-2")), **key)

        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.json() == {"codes": ["PROD-1"]}
        assert other.status_code == 422

    def test_refuses_the_anonymous_and_viewers(self):
        data = as_file(draw_code("PROD-1"))
        viewer = send(client_of(make_batch(), Role.VIEWER), data)

        assert send(Client(), data).status_code == 401
        assert (viewer.status_code, viewer.json()) == (403, ROLE_REFUSED)
