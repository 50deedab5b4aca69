"""Photos of labels, as a browser without JavaScript sends them."""

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from qrtracking.models import ScanItem
from qrtracking.views import photo as photo_views
from tests.qrtracking.factories import make_generated_batch
from tests.qrtracking.pages import words
from tests.qrtracking.queue import prepare, sequences_in
from tests.qrtracking.test_views_pack import case, packed, unit
from tests.scanning.pictures import as_file, draw_code, draw_tray

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(organization):
    return make_generated_batch(units=30, per_case=10, organization=organization)


def send(client, batch, data: bytes, *, page: str = "pack", **fields: Any):
    target = reverse(f"scan:{page}-photo", args=[batch.pk])
    image = SimpleUploadedFile("photo.png", data, content_type="image/png")
    body = {"image": image, "key": str(uuid.uuid4())} | fields
    return client.post(target, body, follow=True)


def tray(*texts: object) -> bytes:
    return as_file(draw_tray([str(text) for text in texts], columns=4))


class TestPhotoView:
    def test_scans_every_code_in_reading_order(self, operator, batch):
        codes = [unit(batch, number).code for number in (3, 1, 2, 9, 7)]

        response = send(operator, batch, tray(*codes))

        assert "5 codes: 5 ok, 0 already done, 0 wrong" in words(response)
        assert 'class="band ok"' in response.text
        items = ScanItem.objects.order_by("pk")
        assert list(items.values_list("raw_text", flat=True)) == codes

    def test_counts_and_names_what_was_not_taken(self, operator, batch):
        response = send(operator, batch, tray(1, 1, "zzz", 2))

        text = words(response)
        assert "4 codes: 2 ok, 1 already done, 1 wrong" in text
        assert "#1: Already on your list: #1" in text
        assert "zzz: Unknown code: zzz." in text
        assert 'class="band wrong"' in response.text
        assert response.text.count('<li class="ok">') == 2

    def test_is_amber_when_nothing_is_wrong_but_not_all_is_new(self, operator, batch):
        assert 'class="band duplicate"' in send(operator, batch, tray(1, 1)).text

    def test_answers_one_code_as_one_scan(self, operator, batch):
        response = send(operator, batch, as_file(draw_code("5")))

        assert "Added #5, MINT. 1 of 10" in words(response)
        assert "1 codes" not in words(response)

    def test_opens_the_case_in_the_picture_for_the_units_after_it(self, operator, batch):
        response = send(operator, batch, tray("CASE:2", 11, 12))

        assert "Case #2 open, 2 of 10" in words(response)
        assert 'name="open" value="2"' in response.text

    def test_fills_the_open_case(self, operator, batch):
        response = send(operator, batch, tray(*range(11, 21)), open="2")

        assert packed(batch, 2) == list(range(11, 21))
        assert 'name="open"' not in response.text

    def test_keeps_the_tick(self, operator, batch):
        response = send(operator, batch, tray(25, 26), open="1", other_cases="on")

        assert "2 codes: 2 ok" in words(response)
        assert "Case #1 open, 2 of 10" in words(response)

    def test_sent_twice_is_scanned_once(self, operator, batch):
        key = str(uuid.uuid4())

        answers = [send(operator, batch, tray(1, 2), key=key) for _ in range(2)]

        assert all("2 codes: 2 ok" in words(answer) for answer in answers)
        assert ScanItem.objects.count() == 2

    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (b"hello", "File is not an image"),
            (b"", "File is not an image"),
            (as_file(Image.new("L", (90, 90), 200)), "No code found in the photo"),
            (bytes(10 * 1024 * 1024 + 1), "The image is larger than 10 MB"),
        ],
        ids=["text", "empty", "no-code", "large"],
    )
    def test_says_what_is_wrong_with_the_photo(self, operator, batch, data, text):
        response = send(operator, batch, data, open="2")

        assert text in words(response)
        assert 'class="band wrong"' in response.text
        assert 'name="open" value="2"' in response.text
        assert not ScanItem.objects.exists()

    @pytest.mark.parametrize("missing", ["image", "key"])
    def test_says_what_is_missing(self, operator, batch, missing):
        response = send(operator, batch, tray(1), **{missing: ""})

        expected = {"image": "No photo was chosen.", "key": "This page is too old. Send it again."}
        assert expected[missing] in words(response)
        assert not ScanItem.objects.exists()

    def test_takes_no_more_codes_than_lie_on_a_tray(self, operator, batch, monkeypatch):
        monkeypatch.setattr(photo_views, "MAX_CODES", 3)

        response = send(operator, batch, tray(1, 2, 3, 4))

        assert "4 codes are too many for one photo." in words(response)
        assert not ScanItem.objects.exists()

    def test_is_refused_while_the_order_is_locked(self, operator, batch):
        case(batch, 3).__class__.objects.filter(batch=batch, case_number=3).update(
            status="received_warehouse"
        )

        response = send(operator, batch, tray(1, 2))

        assert "2 codes: 0 ok, 0 already done, 2 wrong" in words(response)


class TestModes:
    def test_perfect_packs_the_cases_in_the_picture(self, operator, batch):
        labels = [case(batch, number).master_code for number in (1, 3)]

        response = send(operator, batch, tray(*labels), page="perfect")

        assert response.redirect_chain[-1][0].startswith(reverse("scan:perfect", args=[batch.pk]))
        assert "2 codes: 2 ok" in words(response)
        assert [len(packed(batch, number)) for number in (1, 2, 3)] == [10, 0, 10]

    @pytest.mark.parametrize("page", ["rest", "rest-now"])
    def test_the_rest_takes_the_next_units_for_each_case(self, operator, batch, page):
        prepare(batch)

        response = send(operator, batch, tray("CASE:2", "CASE:1"), page=page)

        assert response.redirect_chain[-1][0].startswith(reverse(f"scan:{page}", args=[batch.pk]))
        assert sequences_in(batch, 2) == list(range(1, 11))
        assert sequences_in(batch, 1) == list(range(11, 21))

    @pytest.mark.parametrize("page", ["pack", "perfect", "rest", "rest-now"])
    def test_lead_to_their_page_when_opened(self, operator, batch, page):
        response = operator.get(reverse(f"scan:{page}-photo", args=[batch.pk]))

        assert response["Location"] == reverse(f"scan:{page}", args=[batch.pk])
