from collections.abc import Iterator

import pytest

from tests.chaos.arena import Arena, temporary_arena


@pytest.fixture(scope="session")
def arena() -> Iterator[Arena]:
    """For tests that are marked `processes`: a database of their own, with quick leases."""
    with temporary_arena() as arena:
        yield arena.with_settings(JOBS_LEASE_SECONDS="0.3")
