"""Chromium against a live server. Without Chromium these tests are skipped and say so."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import Role, User
from qrtracking.models import Batch
from tests.accounts.factories import OrganizationFactory, make_member
from tests.browser.stations import PATIENT_TIMERS
from tests.qrtracking.factories import make_generated_batch

HERE = Path(__file__).parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 740}

# Playwright's synchronous interface keeps an event loop in the tests' thread, where Django would
# then refuse to use the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# A machine that runs other things beside the browser is slow, not wrong.
expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = pytest.mark.skip(reason="Chromium is not installed (apt-get install chromium)")
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))
            if CHROMIUM is None:
                item.add_marker(missing)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {"executable_path": CHROMIUM, "headless": True, "args": FLAGS}


@pytest.fixture
def has_javascript() -> bool:
    return True


@pytest.fixture
def viewport() -> dict[str, int]:
    return {"width": 1280, "height": 900}


@pytest.fixture
def browser_context_args(
    live_server: Any, has_javascript: bool, viewport: dict[str, int]
) -> dict[str, Any]:
    return {
        "base_url": live_server.url,
        "java_script_enabled": has_javascript,
        "viewport": viewport,
    }


@pytest.fixture
def forgiven() -> list[str]:
    """Words of the errors that a test itself brings about."""
    return []


@pytest.fixture
def page(context: BrowserContext, forgiven: list[str]) -> Iterator[Page]:
    """A page on which nothing may go wrong: no error of a script, no breach of the policy."""
    context.set_default_timeout(15_000)
    opened = context.new_page()
    opened.add_init_script(PATIENT_TIMERS)
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda line: line.type == "error" and errors.append(line.text))
    yield opened
    assert [line for line in errors if not any(word in line for word in forgiven)] == []


@pytest.fixture
def sign_in(context: BrowserContext, live_server: Any) -> Callable[[User], None]:
    """Gives the browser the session of a user; the login itself has a test of its own."""

    def give_cookie(user: User) -> None:
        client = Client()
        client.force_login(user)
        name = django_settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
        context.add_cookies([cookie])

    return give_cookie


@pytest.fixture
def station_batch() -> Batch:
    """30 units in 3 cases of 10, 3 spares."""
    organization = OrganizationFactory(name="Harbor Tea Works")
    return make_generated_batch(
        units=30, per_case=10, order_no="ORD-HM-1125-02", organization=organization
    )


@pytest.fixture
def station(page: Page, sign_in: Callable[[User], None], station_batch: Batch) -> Page:
    """Scan & pack of that batch, on an operator's screen."""
    operator = make_member(Role.OPERATOR, organization=station_batch.organization, username="olive")
    sign_in(operator)
    page.goto(f"/scan/b/{station_batch.pk}/pack/")
    return page
