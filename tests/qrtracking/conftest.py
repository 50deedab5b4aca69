import pytest
from django.test import Client

from accounts.models import Organization, Role
from tests.accounts.factories import OrganizationFactory
from tests.chaos.arena import Arena
from tests.qrtracking.pages import log_in


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


# Browsers of people who are signed in.
@pytest.fixture
def operator(organization: Organization) -> Client:
    return log_in(Role.OPERATOR, organization, username="olive")


@pytest.fixture
def manager(organization: Organization) -> Client:
    return log_in(Role.MANAGER, organization, username="mary")


@pytest.fixture
def viewer(organization: Organization) -> Client:
    return log_in(Role.VIEWER, organization)


@pytest.fixture
def elsewhere() -> Client:
    """The owner of another organization."""
    return log_in(Role.OWNER, OrganizationFactory())


@pytest.fixture(scope="session")
def arena(arena: Arena) -> Arena:
    """With quick leases."""
    return arena.with_settings(JOBS_LEASE_SECONDS="0.3")
