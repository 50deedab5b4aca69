"""Taking phones in as people do it: scanner gun, camera, keyboard alone, a phone without network."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect

from accounts.models import Role, User
from inventory.models import Device, Movement, QueueControl, QueueItem
from inventory.rules.imei import check_digit
from tests.accounts.factories import OrganizationFactory, make_member
from tests.browser.conftest import CHROMIUM, FLAGS, PHONE
from tests.browser.stations import NO_NETWORK, burst, shoot
from tests.browser.test_scan_pages import overflow_of, small_targets_of
from tests.browser.test_station_camera import write_film
from tests.browser.test_station_page import LISTEN, given
from tests.inventory.factories import add, imei_of, process

STATION = "/scan/intake/"
WRONG = "356938035643808"
# The page's clock stands still until it is put forward: nobody waits in a test, however slow it is.
CLOCK = "window.time = 10_000; performance.now = () => window.time;"


@pytest.fixture
def organization():
    return OrganizationFactory(kind="warehouse", name="Demo Warehouse")


@pytest.fixture
def operator(organization) -> User:
    QueueControl.objects.create(organization=organization, desired_state="stopped")
    return make_member(Role.OPERATOR, organization=organization, username="olive")


@pytest.fixture
def intake(page: Page, live_server, operator) -> Page:
    """At Shelf A, chosen already."""
    client = Client()
    client.force_login(operator)
    client.post(f"{STATION}place/choose/", {"name": "Shelf A"})
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
    )
    page.add_init_script(LISTEN)
    page.add_init_script(CLOCK)
    page.goto(STATION)
    return page


def choose(page: Page, name: str) -> None:
    """With the keyboard alone, as a label of a shelf is scanned."""
    page.get_by_role("link", name="Change").click()
    expect(page.get_by_role("button", name="the last one")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_contain_text(name)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(name)
    # Before its scripts are there the page is a plain form.
    page.wait_for_load_state()


def wait(page: Page, milliseconds: int) -> None:
    page.evaluate("(milliseconds) => { window.time += milliseconds; }", milliseconds)


def title(page: Page):
    return page.locator("#answer .band-title")


def phones(page: Page):
    return page.locator("#counter strong")


def live(page: Page):
    return page.locator("[data-imei-live]")


def texts_sent() -> list[str]:
    rows = QueueItem.objects.filter(source="scan").order_by("pk")
    return [data["imei"] for data in rows.values_list("raw_data", flat=True)]


class TestScannerGun:
    def test_takes_five_phones_in_and_back_and_adds_up(self, intake, organization):
        choose(intake, "Shelf A")
        known = {"imei": imei_of(4), "name": "iPhone 13", "location": "Shelf A"}
        add(organization, known, {"imei": imei_of(5), "location": "Shelf B"})
        process(organization)
        field = intake.locator("[data-scan]")
        expect(field).to_be_focused()
        expect(field).to_have_attribute("inputmode", "none")

        self.scan_five(intake)
        self.scan_what_is_known_and_wrong(intake)
        expect(field).to_be_focused()
        assert texts_sent() == [*map(imei_of, (1, 2, 3, 4, 5, 5)), "SN-12345"]
        kinds = [kind for kind, is_heard in given(intake) if is_heard]
        assert kinds == ["ok"] * 5 + ["duplicate", "wrong"]
        self.take_two_back(intake)
        expect(field).to_be_focused()

        intake.get_by_role("button", name="Done").click()
        expect(intake.get_by_role("heading", name="Done: 4 phones")).to_be_visible()
        numbers = intake.locator("#totals dd").all_text_contents()
        assert numbers == ["3", "0", "1", "1"]
        intake.get_by_role("button", name="Start a new count").click()
        expect(intake.get_by_role("button", name="the last one")).to_be_focused()

    def scan_five(self, page: Page) -> None:
        for number, end in ((1, "Enter"), (2, "Tab"), (3, "Enter")):
            shoot(page, imei_of(number), end=end)
            expect(phones(page)).to_have_text(str(number))
            expect(title(page)).to_have_text("NEW")
        shoot(page, imei_of(4))
        expect(title(page)).to_have_text("UPDATED")
        expect(page.locator("#answer")).to_contain_text("iPhone 13")
        shoot(page, imei_of(5))
        expect(title(page)).to_have_text("MOVED Shelf B → Shelf A")
        expect(page.locator("#answer")).to_contain_text("at Shelf B")
        expect(phones(page)).to_have_text("5")

    def scan_what_is_known_and_wrong(self, page: Page) -> None:
        # The trigger is pulled twice; later the phone comes by again.
        shoot(page, imei_of(5))
        wait(page, 1_600)
        shoot(page, imei_of(5))
        expect(title(page)).to_contain_text("ALREADY SCANNED at ")
        expect(page.locator("#answer")).to_have_class("band duplicate")
        shoot(page, "SN-12345")
        expect(title(page)).to_have_text("REFUSED IMEI is not numeric: 'SN-12345'")
        expect(page.locator("#scans li")).to_have_count(7)

    def take_two_back(self, page: Page) -> None:
        undo = page.get_by_role("button", name="Undo last")
        undo.click()
        expect(title(page)).to_have_text("TAKEN BACK")
        expect(page.locator("#answer")).to_contain_text("The phone is as it was before.")
        undo.click()
        expect(page.locator("#answer")).to_contain_text("The phone is at Shelf B again.")
        expect(phones(page)).to_have_text("4")

    def test_may_end_with_a_pause(self, intake):
        intake.clock.install()
        intake.reload()
        intake.clock.pause_at("2030-01-01T08:00:00")
        for text, words in ((WRONG, "Check digit is wrong, expected 9"), (imei_of(1), "NEW")):
            burst(intake, text)
            intake.clock.run_for(80)

            expect(title(intake)).to_have_text(words)


class TestCheckDigit:
    def test_is_judged_while_it_comes_as_on_the_server(self, intake):
        bodies = [f"{number * 7_919_000_113_777:014d}"[-14:] for number in range(1, 61)]

        digits = intake.evaluate("(bodies) => bodies.map(Imei.checkDigit)", bodies)

        assert digits == [check_digit(body) for body in bodies]
        assert len(set(digits)) == 10

        texts = ["", " ", "35", imei_of(1), f"IMEI: {imei_of(1)}", "35-693803-564380-9", WRONG]
        kinds = intake.evaluate(
            "(texts) => texts.map((text) => Imei.read(text).kind)",
            [*texts, "3" * 16, "35A", "35é"],
        )
        assert kinds[:7] == ["empty", "empty", "short", "valid", "valid", "valid", "wrong"]
        assert kinds[7:] == ["long", "letters", "letters"]

        for text, words, kind in (
            (imei_of(1)[:9], "9/15", "short"),
            (imei_of(1), "15/15 ✓", "valid"),
            (WRONG, "Check digit is wrong, expected 9. Scan again", "wrong"),
            ("35693803X", "An IMEI has digits only", "letters"),
        ):
            intake.locator("[data-scan]").fill(text)
            expect(live(intake)).to_contain_text(words)
            expect(live(intake)).to_have_class(f"imei-live {kind}")

    def test_that_is_wrong_is_kept_by_enter(self, intake):
        # Some scanners send two line ends; scanning again is no answer either.
        shoot(intake, WRONG)
        intake.keyboard.press("Enter")
        expect(intake.locator("#answer")).to_contain_text("Scan again, or press Enter to keep it.")
        wait(intake, 2_000)
        shoot(intake, WRONG)
        expect(intake.locator("[data-scan]")).to_have_value(WRONG)
        assert texts_sent() == []

        wait(intake, 400)
        intake.keyboard.press("Enter")

        expect(title(intake)).to_have_text("NEW")
        expect(phones(intake)).to_have_text("1")
        assert texts_sent() == [WRONG]
        assert not Device.objects.get().luhn_valid

        # What is asked about gives way to the next scan.
        wait(intake, 2_000)
        shoot(intake, imei_of(1)[:-1] + "5")
        expect(title(intake)).to_have_text("Check digit is wrong, expected 4")
        shoot(intake, imei_of(1))
        expect(phones(intake)).to_have_text("2")
        assert texts_sent() == [WRONG, imei_of(1)]


class TestWithoutConnection:
    def test_scans_wait_in_amber_and_none_is_lost_or_doubled(self, intake, forgiven):
        forgiven += NO_NETWORK
        intake.context.set_offline(True)
        for number in (1, 2, 3):
            shoot(intake, imei_of(number))
        waiting = intake.locator("[data-queue-waiting]")
        expect(waiting).to_contain_text("waiting 3")
        expect(intake.locator("#answer")).to_have_class("band queued")
        intake.get_by_role("button", name="Done").click()
        expect(intake.locator("#answer")).to_contain_text("No connection")
        assert {kind for kind, _ in given(intake)} == {"queued", "wrong"}
        assert texts_sent() == []

        # The first answer is lost on its way.
        intake.route("**/scans/", lambda route: (route.fetch(), route.abort()), times=1)
        intake.context.set_offline(False)

        expect(phones(intake)).to_have_text("3")
        expect(waiting).to_be_hidden()
        expect(intake.locator("#answer")).to_have_class("band ok")
        assert texts_sent() == [imei_of(1), imei_of(2), imei_of(3)]
        assert Movement.objects.count() == 3

    def test_they_go_to_the_place_where_they_were_scanned(self, intake, forgiven):
        forgiven += NO_NETWORK
        intake.route("**/scans/", lambda route: route.abort())
        shoot(intake, imei_of(1))
        expect(intake.locator("[data-queue-waiting]")).to_contain_text("waiting 1")
        intake.goto("/scan/intake/place/?q=Shelf+B")
        intake.get_by_role("button", name="Create").click()
        expect(intake.locator("h1")).to_contain_text("Shelf B")
        # Before its scripts are there the page is a plain form.
        intake.wait_for_load_state()
        shoot(intake, imei_of(2))
        expect(intake.locator("[data-queue-waiting]")).to_contain_text("waiting 2")

        intake.unroute("**/scans/")
        intake.reload()

        expect(phones(intake)).to_have_text("2")
        moved = Movement.objects.values_list("to_location__name", "imei").order_by("pk")
        assert list(moved) == [("Shelf A", imei_of(1)), ("Shelf B", imei_of(2))]


class TestKeyboard:
    def test_is_enough(self, intake):
        shoot(intake, imei_of(1))
        expect(phones(intake)).to_have_text("1")
        for _ in range(3):
            intake.keyboard.press("Tab")
        expect(intake.get_by_role("button", name="Undo last")).to_be_focused()
        intake.keyboard.press("Enter")
        expect(phones(intake)).to_have_text("0")
        expect(intake.locator("[data-scan]")).to_be_focused()

        for _ in range(2):
            intake.keyboard.press("Tab")
        expect(intake.get_by_role("button", name="Type")).to_be_focused()
        intake.keyboard.press("Space")

        expect(intake.locator("[data-scan]")).to_be_focused()
        expect(intake.locator("[data-scan]")).to_have_attribute("inputmode", "numeric")
        intake.keyboard.type("12", delay=60)
        intake.keyboard.press("Enter")
        expect(title(intake)).to_have_text("REFUSED IMEI must have 15 digits, got 2")


class TestPhone:
    @pytest.fixture
    def viewport(self):
        return PHONE

    def test_shows_everything(self, intake):
        shoot(intake, WRONG)
        expect(title(intake)).to_contain_text("Check digit is wrong")
        intake.get_by_text("Photo of a label or tray").click()
        for path in (None, "place/", "place/?q=Shelf+B", "done/"):
            if path is not None:
                intake.goto(STATION + path)
            assert overflow_of(intake) <= 0, path
            assert small_targets_of(intake) == [], path


class TestWithoutJavaScript:
    @pytest.fixture
    def has_javascript(self):
        return False

    def test_works_as_plain_forms(self, intake):
        choose(intake, "Shelf of its own")
        for text in (imei_of(1), WRONG):
            expect(intake.locator("[data-scan]")).to_be_focused()
            intake.keyboard.type(text)
            intake.keyboard.press("Enter")
        expect(title(intake)).to_have_text("Check digit is wrong, expected 9")
        intake.keyboard.press("Enter")
        expect(phones(intake)).to_have_text("2")

        intake.get_by_role("button", name="Undo last").click()
        expect(phones(intake)).to_have_text("1")
        intake.get_by_role("button", name="Done").click()
        expect(intake.get_by_role("heading", name="Done: 1 phone")).to_be_visible()


class TestCamera:
    @pytest.fixture
    def context(
        self, browser_type: BrowserType, browser_context_args: dict[str, Any], tmp_path
    ) -> Iterator[BrowserContext]:
        """A browser whose camera sees two phones again and again."""
        film = tmp_path / "labels.y4m"
        write_film(film, [imei_of(1), imei_of(2)])
        flags = [
            *FLAGS,
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ]
        browser: Browser = browser_type.launch(executable_path=CHROMIUM, args=flags)
        context = browser.new_context(**browser_context_args, permissions=["camera"])
        yield context
        browser.close()

    def test_scans_and_leaves_the_keyboard_away(self, intake):
        intake.get_by_role("button", name="Camera").click()
        expect(phones(intake)).to_have_text("2", timeout=60_000)
        intake.get_by_role("button", name="Stop the camera").click()

        expect(intake.locator("[data-scan]")).to_have_attribute("inputmode", "none")
        assert Device.objects.count() == 2
