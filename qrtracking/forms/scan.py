"""What people type and scan on the scan pages."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast
from uuid import UUID

from django import forms

from jobs.models.job import NORMAL
from qrtracking.models import ProductVariant
from qrtracking.rules.ranges import parse_case_numbers
from qrtracking.services.reasons import MAX_LENGTH as MAX_REASON
from scanning.forms import LONGEST_SCAN

LONGEST_PASTE = 500_000

PRIORITIES = [
    (1, "1, before all others"),
    (2, "2"),
    (3, "3"),
    (4, "4"),
    (5, "5, as usual"),
    (6, "6"),
    (7, "7"),
    (8, "8"),
    (9, "9"),
    (10, "10, when nothing else waits"),
]


class PasteForm(forms.Form):
    codes = forms.CharField(
        max_length=LONGEST_PASTE,
        strip=False,
        error_messages={
            "required": "Nothing was pasted.",
            "max_length": "This text is too long.",
            "null_characters_not_allowed": "This text holds characters that no label has.",
        },
    )
    key = forms.UUIDField(error_messages={"required": "This page is too old. Paste again."})


class LinkForm(forms.Form):
    """One scanned case. `key` is new with every page: the same scan sent twice is one scan."""

    case = forms.CharField(
        max_length=LONGEST_SCAN,
        error_messages={
            "required": "No case was scanned.",
            "max_length": "This text is too long for a case label.",
        },
    )
    units = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=100_000,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), "Units must be a whole number from 1 to 100,000."
        ),
    )
    same_case = forms.BooleanField(required=False)
    key = forms.UUIDField(error_messages={"required": "This page is too old. Scan again."})


class ExcludesForm(forms.Form):
    excludes = forms.CharField(
        required=False,
        label="Units that must not be packed",
        widget=forms.Textarea(
            attrs={"rows": 6, "spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
        ),
        help_text="Paste codes, links or numbers such as 15 or 20-25. One a line, or with commas.",
        strip=False,
    )
    variant = forms.TypedChoiceField(required=False, label="Variant", coerce=UUID, empty_value=None)
    cases = forms.CharField(
        required=False,
        label="Only units planned for these cases",
        max_length=2_000,
        help_text="For example 1-5, 7. Leave it empty for all cases.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    priority = forms.TypedChoiceField(
        required=False,
        label="Priority",
        choices=PRIORITIES,
        coerce=int,
        empty_value=None,
        initial=NORMAL,
    )
    notify_email = forms.BooleanField(
        required=False, label="E-mail me when it is done", initial=True
    )
    key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"required": "This page is too old. Submit it again."},
    )

    options: ClassVar[tuple[str, ...]] = ("variant", "cases", "priority", "notify_email")

    def __init__(self, *args: Any, variants: Sequence[ProductVariant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(variant.pk), str(variant)) for variant in variants]
        if len(choices) > 1:
            field = cast(forms.TypedChoiceField, self.fields["variant"])
            field.choices = [("", "All variants"), *choices]
        else:
            del self.fields["variant"]

    def clean_cases(self) -> list[int] | None:
        text = self.cleaned_data["cases"].replace("#", "").strip()
        if not text:
            return None
        try:
            return parse_case_numbers(text)
        except ValueError:
            raise forms.ValidationError("Write case numbers like 1-5, 7.") from None

    def clean_priority(self) -> int:
        return self.cleaned_data["priority"] or NORMAL

    @property
    def shows_options(self) -> bool:
        """Whether somebody chose something there, or has to look again."""
        seen = {*self.errors, *self.changed_data}
        return self.is_bound and not seen.isdisjoint(self.options)


class ExcludesNowForm(ExcludesForm):
    """The same for units that are prepared while the person waits."""

    options = ("variant", "cases")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("priority", "notify_email"):
            del self.fields[name]


class ReasonForm(forms.Form):
    """Why a case is corrected or cut short."""

    reason = forms.CharField(
        max_length=MAX_REASON,
        label="Reason",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
        help_text="It stays in the history.",
        error_messages={
            "required": "A reason is required.",
            "max_length": "A reason has at most 500 characters.",
        },
    )


class SpoiledForm(forms.Form):
    units = forms.CharField(
        max_length=LONGEST_PASTE,
        label="Spoiled units",
        widget=forms.Textarea(
            attrs={"rows": 4, "spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"}
        ),
        help_text=(
            "Codes, links or numbers, one a line. To name the spare yourself: 15 -> 1001. "
            "Else the next free spare of the same variant replaces the unit."
        ),
        strip=False,
        error_messages={
            "required": "No unit was named.",
            "max_length": "This text is too long.",
            "null_characters_not_allowed": "This text holds characters that no label has.",
        },
    )
