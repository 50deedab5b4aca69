"""The form by which people send a packing plan."""

from typing import Any

from django import forms

ACCEPTED = ".csv,.tsv,.txt,.xlsx,.xls,.ods"


class PlanForm(forms.Form):
    """A file or a pasted text. `key` is new with every page: the same form sent twice is one plan."""

    file = forms.FileField(
        required=False,
        label="File",
        allow_empty_file=True,
        help_text="CSV or Excel. One row for each case, or one row for each unit.",
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        error_messages={"invalid": "No file arrived. Choose it again."},
    )
    text = forms.CharField(
        required=False,
        label="Or paste rows",
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 5,
                "spellcheck": "false",
                "autocapitalize": "off",
                "autocomplete": "off",
                "placeholder": "case label, unit, unit, …",
            }
        ),
        help_text="First the case, then its units: codes, links, numbers such as 15 or 20-25.",
        error_messages={"null_characters_not_allowed": "This text holds characters no label has."},
    )
    skip_case_validation = forms.BooleanField(
        required=False, label="Allow units planned for other cases"
    )
    key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"required": "This page is too old. Send the plan again."},
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        has_text = bool(cleaned.get("text", "").strip())
        if self.errors:
            return cleaned
        if has_text and cleaned.get("file"):
            raise forms.ValidationError("Send either a file or pasted rows, not both.")
        if not has_text and cleaned.get("file") is None:
            raise forms.ValidationError("Choose a file or paste rows.")
        return cleaned
