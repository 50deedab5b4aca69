"""What every test shares: the embedded database, started here unless DATABASE_URL names another."""

import os
from collections.abc import Generator, Iterator

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

# Folders of tests that go through everything.
WHOLE_STORIES = ("tests/architecture", "tests/browser", "tests/chaos", "tests/flows")
UNTRACED = pytest.StashKey[bool]()
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


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tracing lines doubles the time of a test, so that only the first example of one is traced;
    and what a browser, a walk or a whole story reaches is reached by tests of the parts as well.
    """
    seen: set[str] = set()
    for item in items:
        function = item.nodeid.partition("[")[0]
        item.stash[UNTRACED] = function in seen or function.startswith(WHOLE_STORIES)
        seen.add(function)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    coverage = getattr(item.config.pluginmanager.getplugin("_cov"), "cov_controller", None)
    if coverage is None or not item.stash[UNTRACED]:
        return (yield)
    coverage.pause()
    try:
        return (yield)
    finally:
        coverage.resume()


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
