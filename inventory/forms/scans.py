"""What the intake page sends."""

from django import forms

from scanning.forms import LONGEST_SCAN, StationForm


class IntakeForm(StationForm):
    """A scanned phone. `held` is the text whose check digit the person has been asked about."""

    held = forms.CharField(max_length=LONGEST_SCAN, required=False)


class SentScanForm(forms.Form):
    """A scan as the page sends it by itself."""

    uuid = forms.UUIDField()
    text = forms.CharField(max_length=LONGEST_SCAN)
