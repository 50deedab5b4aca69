"""What people send to a scan station."""

from __future__ import annotations

from django import forms
from django.core.files import File

from scanning.errors import ImageTooLarge, NotAnImage
from scanning.photos import LARGEST_FILE

# A longer text is no label; the tables of scans keep so many characters.
LONGEST_SCAN = 500
TOO_OLD = "This page is too old. Scan again."


class ScanForm(forms.Form):
    code = forms.CharField(
        max_length=LONGEST_SCAN,
        error_messages={
            "required": "Nothing was scanned.",
            "max_length": "This text is too long for a label.",
            "null_characters_not_allowed": "This text holds characters that no label has.",
        },
    )


class StationForm(ScanForm):
    """One scanned label. `key` is new with every page: the same scan sent twice is one scan."""

    key = forms.UUIDField(error_messages=dict.fromkeys(("required", "invalid"), TOO_OLD))


class PhotoForm(forms.Form):
    """A photo of labels. `key` is new with every page: the same photo sent twice is scanned once."""

    image = forms.FileField(
        error_messages={
            "required": "No photo was chosen.",
            "invalid": "No photo was chosen.",
            "empty": NotAnImage().message,
        }
    )
    key = forms.UUIDField(error_messages={"required": "This page is too old. Send it again."})

    def clean_image(self) -> File[bytes]:
        image: File[bytes] = self.cleaned_data["image"]
        if image.size > LARGEST_FILE:
            raise forms.ValidationError(ImageTooLarge().message)
        return image
