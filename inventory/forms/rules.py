"""What managers fill in: sources with their schemas, SKU rules, TACs, places."""

import json
from typing import TYPE_CHECKING, Any

from django import forms

from accounts.errors import DomainError
from accounts.unfold import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
)
from inventory.forms.devices import reason_field
from inventory.forms.owned import OwnedForm
from inventory.models import Location, QueueSource, SkuRule, TacModel, Warehouse
from inventory.rules.places import place_key
from inventory.rules.sku import MATCHED
from inventory.selectors.devices import TAC_DIGITS
from inventory.services.schemas import check_schema

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm

MOST_RETRIES = 10


class PrettyJson(json.JSONEncoder):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "indent": 2, "ensure_ascii": False})


class BlankableJson(forms.JSONField):
    """Shows nothing where there is nothing, not the word null."""

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


class _RuleForm(ModelForm):
    """One of its organization. Django looks for others only while the form asks for that."""

    unique = ""

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        value = self.cleaned_data.get(self.unique)
        if self.instance.pk and value is not None:
            mine = self._meta.model.objects.filter(organization_id=self.instance.organization_id)
            if mine.filter(**{self.unique: value}).exclude(pk=self.instance.pk).exists():
                self.add_error(self.unique, f"There is {value} already.")
        return data


class SourceForm(_RuleForm):
    unique = "name"
    json_schema = BlankableJson(
        label="JSON schema",
        required=False,
        encoder=PrettyJson,
        help_text="Draft 2020-12, at most 64 KB, without references to other documents. Items of "
        "this source that do not fit it fail with schema_mismatch. Empty: none.",
        error_messages={"invalid": "This is not JSON. Look for a missing quote or comma."},
        widget=UnfoldAdminTextareaWidget(
            attrs={"rows": 16, "spellcheck": "false", "class": "stock-code"}
        ),
    )
    max_retries = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_RETRIES,
        help_text="Empty: what the request or the settings say.",
        widget=UnfoldAdminIntegerFieldWidget,
    )

    class Meta:
        model = QueueSource
        fields = [
            "organization",
            "name",
            "json_schema",
            "validation",
            "default_location",
            "max_retries",
            "is_active",
        ]
        labels = {"is_active": "Active", "default_location": "Default place"}
        help_texts = {
            "name": "As the programs send it, such as api, scan or file-import.",
            "validation": "What happens to a wrong check digit, where a request does not say it.",
            "default_location": "Where new devices go that name no place.",
            "is_active": "Off: items of this source are treated like those of any other.",
        }

    def clean_json_schema(self) -> Any:
        schema = self.cleaned_data["json_schema"]
        if schema is None:
            return None
        try:
            check_schema(schema)
        except DomainError as error:
            raise forms.ValidationError(error.message) from None
        return schema


class SkuRuleForm(ModelForm):
    class Meta:
        model = SkuRule
        fields = [
            "organization",
            "position",
            "match_brand",
            "match_model",
            "match_storage",
            "match_color",
            "match_carrier",
            "sku",
            "is_active",
        ]
        labels = {
            **{f"match_{name}": name.capitalize() for name in MATCHED},
            "sku": "SKU",
            "is_active": "Active",
        }
        help_texts = {
            "position": "The rule with the lowest number that fits gives the SKU.",
            "match_brand": "Empty fits every brand. Upper and lower case are the same.",
            "is_active": "Off: the rule is left out.",
        }


class TacForm(_RuleForm):
    unique = "tac"

    class Meta:
        model = TacModel
        fields = ["organization", "tac", "brand", "model", "confirmed"]
        labels = {"tac": "TAC"}
        help_texts = {
            "tac": "The first eight digits of the IMEI.",
            "confirmed": "On: what devices say later does not change it.",
        }

    def clean_tac(self) -> str:
        tac: str = self.cleaned_data["tac"].strip()
        if len(tac) != TAC_DIGITS or not (tac.isascii() and tac.isdigit()):
            raise forms.ValidationError("A TAC has 8 digits.")
        return tac


class _NamedForm(ModelForm):
    """A name that is one with its other spellings."""

    def twins(self, name_key: str) -> Any:
        raise NotImplementedError

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        name = self.cleaned_data.get("name")
        if name:
            key = place_key(name)
            twin = self.twins(key).exclude(pk=self.instance.pk).first()
            if twin is not None:
                self.add_error("name", f"There is {twin.name} already.")
            self.instance.name_key = key
        return data


class WarehouseForm(_NamedForm):
    class Meta:
        model = Warehouse
        fields = ["organization", "name", "is_default"]
        labels = {"is_default": "Default"}
        help_texts = {"is_default": "Places that are named without a warehouse are in this one."}

    def twins(self, name_key: str) -> Any:
        owner = self.cleaned_data.get("organization")
        pk = owner.pk if owner else self.instance.organization_id
        return Warehouse.objects.filter(organization_id=pk, name_key=name_key)

    def clean_is_default(self) -> bool:
        is_default: bool = self.cleaned_data["is_default"]
        if not is_default and self.instance.pk and self.initial.get("is_default"):
            raise forms.ValidationError("Make another warehouse the default one instead.")
        return is_default


class LocationForm(_NamedForm):
    class Meta:
        model = Location
        fields = ["warehouse", "name", "description", "is_active"]
        labels = {"is_active": "Active"}
        help_texts = {
            "name": "Case and spaces do not count: shelf  a1 is Shelf A1.",
            "is_active": "Off: it is not offered any more. Phones that name it still go there.",
        }

    def twins(self, name_key: str) -> Any:
        warehouse = self.cleaned_data.get("warehouse")
        pk = warehouse.pk if warehouse else self.instance.warehouse_id
        return Location.objects.filter(warehouse_id=pk, name_key=name_key)


class TacFileForm(OwnedForm):
    file = forms.FileField(
        help_text="CSV, TSV, XLSX or ODS with the columns tac, brand and model. All of it is taken, "
        "or nothing.",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.ods"}),
    )


class ApplyForm(forms.Form):
    reason = reason_field(kept="Kept in the log of the job with your name.")
