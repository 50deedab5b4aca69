import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from scanning.forms import PhotoForm
from scanning.photos import LARGEST_FILE


def form(data: bytes | None, key: str = "") -> PhotoForm:
    files = {} if data is None else {"image": SimpleUploadedFile("p.png", data)}
    return PhotoForm({"key": key or str(uuid.uuid4())}, files)


class TestPhotoForm:
    def test_takes_any_file_of_ten_megabytes(self):
        assert form(bytes(LARGEST_FILE)).is_valid()

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (None, "No photo was chosen."),
            (b"", "File is not an image"),
            (bytes(LARGEST_FILE + 1), "The image is larger than 10 MB"),
        ],
        ids=["none", "empty", "large"],
    )
    def test_says_what_is_wrong(self, data, words):
        assert form(data).errors == {"image": [words]}

    def test_needs_a_key(self):
        assert form(b"x", key=" ").errors == {"key": ["This page is too old. Send it again."]}
