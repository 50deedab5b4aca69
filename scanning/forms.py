"""What people send to a scan station besides scans."""

from __future__ import annotations

from django import forms
from django.core.files import File

from scanning.errors import ImageTooLarge, NotAnImage
from scanning.photos import LARGEST_FILE


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
