"""A scan station as people use it: sounds, undo, keyboard alone, phone, the page of the devices."""

import pytest
from playwright.sync_api import Page, expect

from qrtracking.models import MasterCode
from tests.browser.conftest import PHONE
from tests.browser.stations import burst, shoot, texts_of
from tests.browser.test_scan_pages import (
    code_of,
    label_of,
    overflow_of,
    sequences_in,
    small_targets_of,
)

LISTEN = (
    "window.given = []; document.addEventListener('scanning:feedback', (event) =>"
    " window.given.push([event.detail.kind, event.detail.isHeard]));"
)


@pytest.fixture
def heard(station: Page) -> Page:
    """A station that writes down what it lets people hear."""
    station.add_init_script(LISTEN)
    station.reload()
    return station


def given(page: Page) -> list[list[object]]:
    return page.evaluate("() => window.given")


class TestFeedback:
    def test_tells_ok_duplicate_and_wrong_apart(self, heard):
        for text in ("1", "1", "zzz"):
            shoot(heard, text)
        expect(heard.locator("#answer")).to_have_class("band wrong")

        assert given(heard) == [["ok", True], ["duplicate", True], ["wrong", True]]
        expect(heard.locator("[data-voice]")).to_contain_text("Wrong: Unknown code: zzz.")

    def test_covers_the_screen_with_the_colour(self, heard):
        heard.clock.install()
        heard.reload()
        heard.clock.pause_at("2030-01-01T08:00:00")
        shoot(heard, "1")

        flash = heard.locator(".scan-flash.ok")
        expect(flash).to_be_visible()
        assert flash.evaluate("(one) => getComputedStyle(one).pointerEvents") == "none"
        assert flash.bounding_box() == {"x": 0, "y": 0, "width": 1280, "height": 900}
        heard.clock.run_for(400)
        expect(flash).to_be_hidden()

    def test_is_locked_where_the_order_is(self, heard, station_batch):
        shoot(heard, "1")
        expect(heard.locator("#list")).to_contain_text("#1 MINT")
        MasterCode.objects.filter(batch=station_batch, case_number=3).update(
            status="received_warehouse"
        )

        shoot(heard, "2")

        expect(heard.get_by_text("Warehouse intake has begun").first).to_be_visible()
        expect(heard.locator("[data-scan]")).to_have_count(0)


class TestMute:
    def test_is_remembered(self, heard):
        heard.get_by_role("button", name="Sound is on").click()
        shoot(heard, "1")
        expect(heard.locator("#answer")).to_have_class("band ok")
        assert given(heard) == [["ok", False]]

        heard.goto("/scan/")
        mute = heard.get_by_role("button", name="Sound is off")

        expect(mute).to_have_attribute("aria-pressed", "true")
        mute.click()
        expect(heard.get_by_role("button", name="Sound is on")).to_be_visible()

    def test_gives_the_focus_back_to_the_scanner(self, heard):
        heard.get_by_role("button", name="Sound is on").click()

        expect(heard.locator("[data-scan]")).to_be_focused()


class TestUndo:
    def test_takes_the_last_unit_off_the_list(self, station, station_batch):
        for number in (1, 2):
            shoot(station, str(number))
        expect(station.locator("#list li")).to_have_count(2)

        station.get_by_role("button", name="Undo").click()

        expect(station.locator("#list li")).to_have_count(1)
        expect(station.locator("#list")).to_contain_text("#1 MINT")

    def test_opens_the_case_again(self, station, station_batch):
        shoot(station, label_of(station_batch, 2))
        for number in range(11, 21):
            shoot(station, code_of(station_batch, number))
        expect(station.locator("#counts")).to_have_text("10 of 30 units · 1 of 3 cases")

        station.get_by_role("button", name="Undo").click()

        expect(station.locator("#counts")).to_have_text("0 of 30 units · 0 of 3 cases")
        assert sequences_in(station_batch, 2) == []


class TestKeyboard:
    def test_is_enough(self, station, station_batch):
        shoot(station, "11")
        shoot(station, "12")
        expect(station.locator("#list li")).to_have_count(2)
        for _ in range(3):
            station.keyboard.press("Tab")
        expect(station.get_by_role("button", name="Undo")).to_be_focused()
        station.keyboard.press("Enter")
        expect(station.locator("#list li")).to_have_count(1)
        expect(station.locator("[data-scan]")).to_be_focused()
        for _ in range(2):
            station.keyboard.press("Tab")
        station.keyboard.press("Space")
        expect(station.get_by_label("Allow units planned for other cases")).to_be_checked()
        for _ in range(2):
            station.keyboard.press("Shift+Tab")
        shoot(station, "CASE:1")

        expect(station.locator("#answer")).to_contain_text("Case #1: 1 unit packed.")
        assert texts_of(station_batch) == ["11", "12", "UNDO", "CASE:1"]

    def test_keeps_the_tick_and_the_open_case_over_a_reload(self, station, station_batch):
        station.get_by_label("Allow units planned for other cases").check()
        station.locator("[data-scan]").focus()
        shoot(station, "CASE:1")
        shoot(station, "25")
        expect(station.locator("#open-case")).to_have_text("Case #1 open, 1 of 10")

        station.reload()

        expect(station.locator("#open-case")).to_have_text("Case #1 open, 1 of 10")
        expect(station.get_by_label("Allow units planned for other cases")).to_be_checked()
        expect(station.locator("#answer")).to_contain_text("Added #25, MINT. 1 of 10")


class TestPhone:
    @pytest.fixture
    def viewport(self):
        return PHONE

    @pytest.mark.parametrize("path", ["pack/", "perfect/", "rest/", "rest-now/"])
    def test_shows_everything_of_a_mode(self, station, station_batch, path):
        station.goto(f"/scan/b/{station_batch.pk}/{path}")
        for summary in station.locator("summary").all():
            summary.click()

        assert overflow_of(station) <= 0
        assert small_targets_of(station) == []

    def test_shows_what_waits(self, station, forgiven):
        forgiven += ["net::ERR_INTERNET_DISCONNECTED"]
        station.context.set_offline(True)

        shoot(station, "http://testserver/track/product/" + "z" * 200)

        expect(station.get_by_text("Queued 1, waiting for connection")).to_be_visible()
        assert overflow_of(station) <= 0

    def test_shows_the_page_of_the_devices(self, station):
        station.goto("/scan/device/")
        shoot(station, "z" * 200)
        expect(station.locator("[data-device-text]")).to_be_visible()

        assert overflow_of(station) <= 0
        assert small_targets_of(station) == []


class TestDevices:
    @pytest.fixture
    def device(self, heard: Page) -> Page:
        heard.get_by_role("link", name="Camera, sound and scanner test").click()
        expect(heard.locator("#try")).to_be_focused()
        return heard

    def test_show_what_a_scanner_sends(self, device, station_batch):
        device.keyboard.type("0109")
        device.keyboard.press("Control+]")
        shoot(device, "21A1", end="Tab")

        expect(device.locator("[data-device-text]")).to_have_text("0109[GS]21A1")
        expect(device.locator("[data-device-length]")).to_have_text("9")
        expect(device.locator("[data-device-end]")).to_have_text("Tab")
        expect(device.locator("[data-device-separators]")).to_have_text("1 [GS]")
        expect(device.locator("#try")).to_have_value("")
        expect(device.locator("#try")).to_be_focused()
        assert texts_of(station_batch) == []

    def test_show_a_scan_that_ends_with_a_pause(self, device):
        device.clock.install()
        device.reload()
        device.clock.pause_at("2030-01-01T08:00:00")
        device.locator("#try").focus()
        burst(device, "fast keys")
        device.clock.run_for(80)

        expect(device.locator("[data-device-end]")).to_have_text("a pause of 80 ms")

    def test_play_three_sounds(self, device):
        for name in ("OK", "Already done", "Wrong"):
            device.get_by_role("button", name=name, exact=True).click()

        assert given(device) == [["ok", True], ["duplicate", True], ["wrong", True]]

    def test_say_that_the_sound_is_off(self, device):
        off = device.get_by_text("The sound is off.")
        expect(off).to_be_hidden()

        device.get_by_role("button", name="Sound is on").click()

        expect(off).to_be_visible()
