"""What every test shares: the embedded database, started here unless DATABASE_URL names another."""

import os
from collections import Counter
from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings

from config import embedded
from tests.chaos.arena import Arena, temporary_arena
from tests.shuffling import unordered_querysets_shuffled

# Few examples each time, since the suite runs often; more by EXAMPLES. A busy machine is no failure.
hypothesis.settings.register_profile(
    "suite", max_examples=int(os.environ.get("EXAMPLES", "30")), deadline=None
)
hypothesis.settings.load_profile("suite")

TRACED_EXAMPLES = 1
STARTED_HERE = pytest.StashKey[bool]()


def _is_controller(config: pytest.Config) -> bool:
    return not hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    # The settings know the database's address without it, so it only has to run before the first
    # test. Parallel workers use the one of the process that started them.
    config.stash[STARTED_HERE] = False
    # The static files' middleware warns about a missing folder, and warnings are errors here.
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    if _is_controller(config) and not os.environ.get("DATABASE_URL"):
        config.stash[STARTED_HERE] = not embedded.is_running(settings.DATA_DIR)
        embedded.start(settings.DATA_DIR, durable=False)


def pytest_unconfigure(config: pytest.Config) -> None:
    if config.stash.get(STARTED_HERE, False):
        embedded.stop(settings.DATA_DIR)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tracing lines doubles the time of a test: the first example of one shows what it reaches,
    and what a browser reaches is reached by the tests of views as well.
    """
    examples: Counter[str] = Counter()
    for item in items:
        function = item.nodeid.partition("[")[0]
        examples[function] += 1
        if examples[function] > TRACED_EXAMPLES or item.get_closest_marker("browser"):
            item.add_marker("no_cover")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes stay out of names: those of a fresh archive tell the time, and parallel workers differ."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def arena() -> Iterator[Arena]:
    """For tests that are marked `processes`: a database server of their own."""
    with temporary_arena() as arena:
        yield arena


@pytest.fixture(autouse=True, scope="session")
def _shuffle_unordered_querysets() -> Iterator[None]:
    with unordered_querysets_shuffled():
        yield
