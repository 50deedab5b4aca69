"""What is asked before a file is written: of what, how, and which rows."""

from typing import Any

from django import forms

from accounts.unfold import UnfoldAdminSelectWidget
from inventory.forms.devices import ExportForm, text_widget
from inventory.forms.owned import OwnedForm
from inventory.models import ItemStatus, WorkingStatus
from inventory.selectors.exports import FILTERS

KINDS = [("devices", "Devices"), ("stock", "Stock by place and SKU"), ("items", "Queue items")]
ANY = ("", "Any")


def _choice(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=[ANY, *choices], required=False, widget=UnfoldAdminSelectWidget
    )


def _text(label: str, length: int = 100) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=False, widget=text_widget())


class NewExportForm(OwnedForm, ExportForm):
    kind = forms.ChoiceField(label="What", choices=KINDS, widget=UnfoldAdminSelectWidget)
    status = _choice("In stock or removed", [("active", "In stock"), ("removed", "Removed")])
    working = _choice("Working", WorkingStatus.choices)
    location = _text("Place")
    sku = _text("SKU")
    brand = _text("Brand")
    model = _text("Model")
    warehouse = _text("Warehouse")
    item_status = _choice("Status of items", ItemStatus.choices)
    batch = _text("Batch", 50)
    code = _text("Error code", 40)
    # Form fields by the kinds that read them; the others are not looked at.
    of_kind = {
        "devices": ("status", "working", "location", "sku", "brand", "model", "warehouse"),
        "stock": ("warehouse",),
        "items": ("item_status", "batch", "code"),
    }
    field_order = ["organization", "kind", "format", "reason"]

    def filters(self) -> dict[str, str]:
        """Of the chosen kind, without blanks; by the names that exports know."""
        kind = self.cleaned_data["kind"]
        found = {name: self.cleaned_data[name] for name in self.of_kind[kind]}
        named = {name.removeprefix("item_"): value for name, value in found.items()}
        return {name: value for name, value in named.items() if value and name in FILTERS[kind]}

    def main_fields(self) -> list[Any]:
        return [self[name] for name in ("kind", "format", "reason")]

    def filter_fields(self) -> list[tuple[str, list[Any]]]:
        """Under the name of their kind; a field that two kinds share stands in the first."""
        shown = [(label, self.of_kind[kind]) for kind, label in KINDS if kind != "stock"]
        return [(label, [self[name] for name in names]) for label, names in shown]
