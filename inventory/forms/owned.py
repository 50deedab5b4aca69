"""Forms of people who may see several organizations."""

from typing import Any

from django import forms

from accounts.models import Organization, User
from accounts.unfold import UnfoldAdminSelectWidget


class OwnedForm(forms.Form):
    """For one of the organizations that the person sees."""

    organization = forms.ModelChoiceField(
        queryset=Organization.objects.none(), empty_label="Choose", widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = Organization.objects.visible_to(user).order_by("name", "id")
        self.fields["organization"].queryset = visible  # type: ignore[attr-defined]
        if user.organization is not None and not user.sees_all_organizations:
            self.fields["organization"].initial = user.organization
            self.fields["organization"].widget = forms.HiddenInput()
