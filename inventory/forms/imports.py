"""What people fill in to send a file of phones, to answer what it leaves open, and to map its columns."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from django import forms

from accounts.models import Organization, User
from accounts.unfold import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)
from inventory.models import Location, QueueSource, Warehouse
from inventory.models.queue import NORMAL_PRIORITY
from inventory.rules.fields import FIELDS
from inventory.rules.intake_columns import IGNORE, KEEP
from inventory.selectors.imports import Column, Question
from inventory.services.add_options import LONGEST_SOURCE
from inventory.services.moving import LONGEST_PLACE

ACCEPTED = ".csv,.tsv,.txt,.xlsx,.xls,.ods,.json"
SUGGESTED = 200
_CAPITALS = {"imei": "IMEI", "sku": "SKU", "ram": "RAM", "mdm": "MDM"}
_WORDS = {"imei2": "Second IMEI", "received_at": "Date in", "failed": "Failed tests, defects"}


def field_words(name: str) -> str:
    """A field of the contract as people call it."""
    label = FIELDS[name].label
    return _WORDS.get(name) or _CAPITALS.get(name) or label.capitalize()


class ImportForm(forms.Form):
    """A file or a pasted list, and how its phones are to be treated."""

    organization = forms.ModelChoiceField(
        queryset=Organization.objects.none(),
        empty_label="Choose",
        widget=UnfoldAdminSelectWidget,
        help_text="Whose stock the phones go to.",
    )
    file = forms.FileField(
        required=False,
        allow_empty_file=True,
        help_text="CSV, TSV, text, XLSX, XLS, ODS or JSON.",
        widget=forms.FileInput(attrs={"accept": ACCEPTED, "class": "import-file"}),
        error_messages={"invalid": "No file arrived. Choose it again."},
    )
    text = forms.CharField(
        required=False,
        strip=False,
        label="Or paste IMEIs",
        help_text="One a line, or an IMEI, a tab and its place; also several with spaces, commas or "
        "semicolons between them.",
        widget=UnfoldAdminTextareaWidget(
            attrs={"rows": 5, "spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
        ),
        error_messages={"null_characters_not_allowed": "This text has characters no list has."},
    )
    location = forms.CharField(
        required=False,
        max_length=LONGEST_PLACE,
        label="Place",
        help_text="For phones that name none. Empty: where they are, or the default place.",
        widget=UnfoldAdminTextInputWidget(
            attrs={"list": "import-places", "autocomplete": "off", "placeholder": "Shelf A-1"}
        ),
    )
    priority = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=10,
        initial=NORMAL_PRIORITY,
        help_text="1 is served first, 10 last.",
        widget=UnfoldAdminIntegerFieldWidget,
    )
    validation = forms.ChoiceField(
        required=False,
        label="Wrong check digits",
        choices=[
            ("", "As the source says"),
            ("warn", "Keep them, with a warning"),
            ("strict", "Refuse them"),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    source = forms.CharField(
        required=False,
        max_length=LONGEST_SOURCE,
        help_text="Empty: file-import, or paste.",
        widget=UnfoldAdminTextInputWidget(attrs={"list": "import-sources", "autocomplete": "off"}),
    )
    scheduled_at = forms.DateTimeField(
        required=False,
        label="Start at (UTC)",
        help_text="Empty: as soon as it is queued.",
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
    )
    confirmed = forms.BooleanField(
        required=False, label="Import it again", widget=UnfoldBooleanWidget
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = cast("forms.ModelChoiceField[Organization]", self.fields["organization"])
        chosen.queryset = Organization.objects.visible_to(user).order_by("name", "pk")
        if len(only := list(chosen.queryset[:2])) == 1:
            chosen.widget = forms.HiddenInput()
        # Who sees many chooses, unless only one of them keeps phones.
        chosen.initial = only[0] if len(only) == 1 else _only_keeper(user)
        places = Location.objects.visible_to(user).filter(is_active=True)
        self.places = _suggestions(places, "name")
        self.sources = _suggestions(QueueSource.objects.visible_to(user), "name")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        has_text = bool(cleaned.get("text", "").strip())
        if self.errors:
            return cleaned
        if has_text and cleaned.get("file") is not None:
            raise forms.ValidationError("Send either a file or a pasted list, not both.")
        if not has_text and cleaned.get("file") is None:
            raise forms.ValidationError("Choose a file or paste a list.")
        return cleaned

    def in_order(self) -> list[forms.BoundField]:
        """What is shown of itself; file and text stand above, the confirmation comes when asked for."""
        names = "location", "priority", "validation", "source", "scheduled_at"
        return [self[name] for name in names]

    def options(self) -> dict[str, Any]:
        """As the services call them."""
        names = "location", "priority", "validation", "source", "scheduled_at"
        given = {name: self.cleaned_data[name] or None for name in names}
        return {**given, "confirmed": self.cleaned_data["confirmed"]}


def _only_keeper(user: User) -> UUID | None:
    keepers = Warehouse.objects.visible_to(user).order_by("organization_id")
    found = list(keepers.values_list("organization_id", flat=True).distinct()[:2])
    return found[0] if len(found) == 1 else None


def _suggestions(rows: Any, column: str) -> list[str]:
    return list(rows.order_by(column).values_list(column, flat=True).distinct()[:SUGGESTED])


CHOOSE = "Choose one of them, then continue."


class AnswerForm(forms.Form):
    """One press answers: a sheet by its name, a header by its line, or the column of the IMEIs."""

    answer = forms.CharField(max_length=200, error_messages={"required": CHOOSE})

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.question = question

    def column_indexes(self) -> range:
        return range(max((len(cells) for _, cells in self.question.rows), default=0))

    def clean_answer(self) -> dict[str, Any]:
        """As the service calls it."""
        text: str = self.cleaned_data["answer"]
        if self.question.kind == "sheet":
            return {"sheet": text}
        kind, _, number = text.rpartition("-")
        names = {"": "header_line", "line": "header_line", "column": "imei_column"}
        if kind not in names or not (number.isascii() and number.isdigit()) or len(number) > 6:
            raise forms.ValidationError(CHOOSE)
        return {names[kind]: int(number)}


class MappingForm(forms.Form):
    """A select for each column of the file."""

    def __init__(self, *args: Any, columns: Sequence[Column], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns
        for number, column in enumerate(columns):
            self.fields[f"column-{number}"] = forms.ChoiceField(
                required=False,
                label=f"Field of {column.header}",
                initial=column.field,
                choices=_targets(),
                widget=UnfoldAdminSelectWidget(attrs={"aria-label": f"Field of {column.header}"}),
            )

    def rows(self) -> list[tuple[Column, forms.BoundField]]:
        return [(column, self[f"column-{n}"]) for n, column in enumerate(self.columns)]

    def mapping(self) -> Mapping[str, str]:
        """Columns and what was chosen for them."""
        return {
            column.key: self.cleaned_data[f"column-{number}"]
            for number, column in enumerate(self.columns)
        }


def _targets() -> list[Any]:
    fields = [(name, field_words(name)) for name in FIELDS]
    others = [(KEEP, "Keep, no field"), (IGNORE, "Ignore")]
    return [*others, ("Fields", fields)]
