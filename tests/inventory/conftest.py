from dataclasses import replace

import pytest

from accounts.models import Organization
from jobs import registry
from tests.accounts.factories import OrganizationFactory


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


@pytest.fixture
def slices_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports are read and judged two rows at a time."""
    handler = registry.get_handler("inventory.queueimport")
    small = replace(handler, slice_size=registry.SliceSize.fixed(2))
    monkeypatch.setitem(registry._handlers, "inventory.queueimport", small)
