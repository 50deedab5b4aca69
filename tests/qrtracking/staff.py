"""Staff at the admin's pages."""

from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Organization
from tests.accounts.factories import OrganizationFactory
from tests.accounts.staff import choose, log_in_staff, page_of, words_of

__all__ = ["choose", "list_of", "page_of", "staff_client", "words_of"]


def staff_client(*codenames: str, organization: Organization | None = None) -> Client:
    """Staff who act for the operator, or for this organization."""
    return log_in_staff(organization or OrganizationFactory(operator=True), *codenames)


def list_of(model: Any, **query: Any) -> str:
    return reverse(f"admin:qrtracking_{model._meta.model_name}_changelist", query=query)
