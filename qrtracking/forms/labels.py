"""The form by which people ask for labels."""

from collections.abc import Iterable, Mapping
from typing import Any, cast
from uuid import UUID

from django import forms

from qrtracking.models import LabelKind, LabelLayout, LabelPrinter

LARGEST_NUMBER = 2**31 - 1
KIND_WORDS = [
    (LabelKind.UNIT.value, "Unit labels"),
    (LabelKind.SPARE.value, "Spare labels"),
    (LabelKind.CASE.value, "Case labels"),
]


class LabelForm(forms.Form):
    """What to print and how. `key` is new with every page: the same form sent twice is one sheet.

    `counts` tells how many codes of each kind there are. Without `may_all` one case's label only.
    """

    kind = forms.ChoiceField(label="What", choices=KIND_WORDS)
    layout = forms.ChoiceField(
        label="Layout", choices=LabelLayout.choices, initial=LabelLayout.A4_65.value
    )
    copies = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=11,
        label="Stickers of each case",
        help_text="Leave it empty for as many as the order says. Units always get one.",
    )
    printer = forms.TypedChoiceField(
        required=False,
        label="Send to a label printer",
        coerce=UUID,
        empty_value=None,
        help_text="Takes the layout ZPL only.",
    )
    key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"required": "This page is too old. Send it again."},
    )

    def __init__(
        self,
        *args: Any,
        counts: Mapping[str, int],
        printers: Iterable[LabelPrinter],
        may_all: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.counts = counts
        limits: dict[str, Any] = {"min_value": 1, "max_value": LARGEST_NUMBER}
        self.fields["from"] = forms.IntegerField(label="From number", **limits)
        self.fields["to"] = forms.IntegerField(
            required=False,
            label="To number",
            help_text="Leave it empty for all up to the last one.",
            **limits,
        )
        if not may_all:
            cast(forms.ChoiceField, self.fields["kind"]).choices = KIND_WORDS[-1:]
            self.fields["from"].label = "Case number"
            del self.fields["to"]
        choices = [(str(printer.pk), printer.name) for printer in printers]
        if choices:
            field = cast(forms.TypedChoiceField, self.fields["printer"])
            field.choices = [("", "No, I download the file"), *choices]
        else:
            del self.fields["printer"]

    def in_order(self) -> list[forms.BoundField]:
        names = ("kind", "from", "to", "layout", "copies", "printer")
        return [self[name] for name in names if name in self.fields]

    def wishes(self) -> dict[str, Any]:
        """As the service calls them."""
        fields = self.cleaned_data
        last = self.counts[fields["kind"]] if "to" in fields else fields["from"]
        return {
            "kind": fields["kind"],
            "from_number": fields["from"],
            "to_number": fields.get("to") or last,
            "layout": fields["layout"],
            "copies": fields["copies"] if fields["kind"] == LabelKind.CASE else None,
            "printer_id": fields.get("printer"),
        }
