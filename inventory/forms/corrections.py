"""A failed item's data as a form: one field for each key that was posted."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.unfold import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget
from inventory.forms.imports import field_words
from inventory.rules.fields import guess_field
from inventory.selectors.item_reading import order_columns

# More fields than these are no form that people fill in: the rest goes along as it was.
MOST_FIELDS = 100
_LONG = 100


class CorrectionForm(forms.Form):
    """`corrected_data()` is the new item. What nobody touched keeps its type; what was typed is text."""

    new_name = forms.CharField(
        label="Another field",
        max_length=100,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "for example imei"}),
    )
    new_value = forms.CharField(
        label="Its value", required=False, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, *args: Any, posted: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.posted = posted
        names = order_columns(posted)
        if not any(guess_field(name) == "imei" for name in names):
            names = ["imei", *names]
        self.names = dict(enumerate(names[:MOST_FIELDS]))
        self.left_out = max(0, len(names) - MOST_FIELDS)
        own = {f"field_{at}": _field(name, posted.get(name)) for at, name in self.names.items()}
        self.fields = {**own, **self.fields}

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        if fields.get("new_value") and not fields.get("new_name"):
            self.add_error("new_name", "Name the field that this value is for.")
        elif fields.get("new_name") in self.posted:
            self.add_error("new_name", "This field is in the form already.")
        for at, name in self.names.items():
            self._check_nested(f"field_{at}", name)
        return fields

    def _check_nested(self, field: str, name: str) -> None:
        if isinstance(self.posted.get(name), dict | list) and field in self.cleaned_data:
            try:
                json.loads(self.cleaned_data[field] or "null")
            except ValueError:
                self.add_error(field, "This is no valid JSON.")

    def corrected_data(self) -> dict[str, Any]:
        """In the order in which it was posted; a new field that was left empty stays away."""
        typed = {name: self.cleaned_data[f"field_{at}"] for at, name in self.names.items()}
        corrected = {
            name: _as_typed(value, typed[name]) if name in typed else value
            for name, value in self.posted.items()
        }
        added = {name: text for name, text in typed.items() if name not in corrected and text}
        if self.cleaned_data.get("new_name"):
            added[self.cleaned_data["new_name"]] = self.cleaned_data["new_value"]
        return {**corrected, **added}


def _field(name: str, value: Any) -> forms.CharField:
    text = as_shown(value)
    is_long = len(text) > _LONG or "\n" in text
    known = guess_field(name)
    return forms.CharField(
        label=name,
        initial=text,
        required=False,
        strip=False,
        help_text=f"Read as: {field_words(known)}." if known else "Kept in the raw data only.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4})
        if is_long
        else UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )


def as_shown(value: Any) -> str:
    """Null is an empty field; what is no text looks as in JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _as_typed(value: Any, text: str) -> Any:
    """The posted value where its text was left alone, else the text, or the JSON that it was."""
    if text.replace("\r\n", "\n") == as_shown(value).replace("\r\n", "\n"):
        return value
    return json.loads(text or "null") if isinstance(value, dict | list) else text
