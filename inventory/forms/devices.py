"""What is asked before devices are moved, taken out of stock or exported."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join

from accounts.unfold import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)
from inventory.services.exporting import FORMATS
from inventory.services.moving import LONGEST_NOTE, LONGEST_PLACE

FORMAT_WORDS = {"xlsx": "Excel (XLSX)", "csv": "CSV"}


def text_widget() -> UnfoldAdminTextInputWidget:
    return UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})


def reason_field(*, required: bool = False, kept: str) -> forms.CharField:
    must = "Required" if required else "Optional"
    return forms.CharField(
        max_length=LONGEST_NOTE,
        required=required,
        help_text=f"{must}. {kept}",
        widget=text_widget(),
    )


class SuggestingInput(UnfoldAdminTextInputWidget):  # type: ignore[misc]
    """A text field that offers texts, and takes others. (The theme ships no types.)"""

    def __init__(self, suggestions: Sequence[tuple[str, str]]) -> None:
        super().__init__(attrs={"autocomplete": "off"})
        self.suggestions = suggestions

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> str:
        options = format_html_join(
            "", '<option value="{}">{}</option>', dict.fromkeys(self.suggestions)
        )
        list_id = f"{name}-offered"
        field = super().render(name, value, {**(attrs or {}), "list": list_id}, renderer)
        return format_html("{}<datalist{}>{}</datalist>", field, flatatt({"id": list_id}), options)


class MoveForm(forms.Form):
    """`places`: warehouse and name of those that are there."""

    location = forms.CharField(label="Place", max_length=LONGEST_PLACE)
    warehouse = forms.CharField(
        max_length=LONGEST_PLACE, required=False, help_text="Empty: the default one."
    )
    is_new = forms.BooleanField(
        label="Make the place if there is none of this name",
        required=False,
        widget=UnfoldBooleanWidget,
    )
    reason = reason_field(kept="Kept with the movement and your name.")

    def __init__(self, *args: Any, places: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(name, warehouse) for warehouse, name in places]
        warehouses = [(warehouse, "") for warehouse, _ in places]
        self.fields["location"].widget = SuggestingInput(names)
        self.fields["warehouse"].widget = SuggestingInput(warehouses)


class RemoveForm(forms.Form):
    reason = reason_field(
        required=True, kept="Sold, lost, scrapped: kept with the movement and your name."
    )


class RestoreForm(forms.Form):
    reason = reason_field(kept="Kept with the movement and your name.")


class AcceptForm(forms.Form):
    reason = reason_field(kept="Kept in the device's history with your name.")


class ExportForm(forms.Form):
    format = forms.ChoiceField(
        choices=[(name, FORMAT_WORDS[name]) for name in FORMATS], widget=UnfoldAdminSelectWidget
    )
    reason = reason_field(kept="Kept in the log of the export with your name.")
