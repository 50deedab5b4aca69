from typing import Any

from django import forms

from accounts.models import User
from accounts.selectors import list_memberships

TOKEN_DAYS = ((30, "30 days"), (90, "90 days"), (365, "1 year"))


class ChooseOrganizationForm(forms.Form):
    organization = forms.UUIDField()


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=100,
        label="Name",
        help_text="Where the token will be used, for example: label printer.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    organization = forms.ChoiceField(label="Organization")
    days = forms.TypedChoiceField(choices=TOKEN_DAYS, coerce=int, initial=90, label="Valid for")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (str(membership.organization_id), membership.organization.name)
            for membership in list_memberships(user=user)
        ]
        field = self.fields["organization"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = choices
        if user.organization is not None:
            field.initial = str(user.organization.pk)
