"""A scanner gun on a scan station: how its scans end, and that none of its keys is lost."""

import re

import pytest
from playwright.sync_api import Page, expect

from jobs.runner import run_due_jobs
from qrtracking.models import MasterCode
from tests.browser.stations import SCANS, HeldRequests, burst, shoot, texts_of
from tests.browser.test_scan_pages import code_of, label_of, sequences_in, submit

GS = "\x1d"
FIELD = "[data-scan]"


@pytest.fixture
def frozen(station: Page) -> Page:
    """A station whose clock stands still until a test moves it."""
    station.clock.install()
    station.reload()
    station.clock.pause_at("2030-01-01T08:00:00")
    return station


class TestEndOfAScan:
    @pytest.mark.parametrize("end", ["Enter", "Tab"])
    def test_is_a_key(self, station, station_batch, end):
        for number in (1, 2):
            shoot(station, code_of(station_batch, number), end=end)
            expect(station.locator("#answer")).to_contain_text(f"Added #{number}, MINT.")
            expect(station.locator(FIELD)).to_be_focused()

        expect(station.locator(FIELD)).to_have_value("")

    def test_is_a_pause_after_fast_keys(self, frozen, station_batch):
        burst(frozen, "SEQ:12")
        frozen.clock.run_for(79)
        expect(frozen.locator(FIELD)).to_have_value("SEQ:12")

        frozen.clock.run_for(1)

        expect(frozen.locator(FIELD)).to_have_value("")
        expect(frozen.locator("#answer")).to_contain_text("Added #12, MINT.")

    def test_is_no_pause_of_a_person_who_types(self, frozen, station_batch):
        for key in "SEQ:12":
            frozen.keyboard.type(key)
            frozen.clock.run_for(60)
        frozen.clock.run_for(5_000)
        expect(frozen.locator(FIELD)).to_have_value("SEQ:12")

        frozen.keyboard.press("Enter")

        expect(frozen.locator("#answer")).to_contain_text("Added #12, MINT.")

    def test_is_no_pause_after_two_keys(self, frozen):
        frozen.keyboard.type("12")

        frozen.clock.run_for(5_000)

        expect(frozen.locator(FIELD)).to_have_value("12")

    def test_leaves_an_empty_field_to_tab(self, station):
        station.keyboard.press("Tab")

        expect(station.get_by_role("button", name="Scan", exact=True)).to_be_focused()

    def test_is_no_second_enter(self, station, station_batch):
        shoot(station, "1")
        station.keyboard.press("Enter")
        shoot(station, "2")

        expect(station.locator("#list")).to_contain_text("#2 MINT")
        assert texts_of(station_batch) == ["1", "2"]


class TestGroupSeparator:
    def test_is_control_and_a_bracket(self, station, station_batch):
        station.keyboard.type("0109")
        station.keyboard.press("Control+]")
        shoot(station, "21A1")

        expect(station.locator("#answer")).to_have_class("band wrong")
        assert texts_of(station_batch) == [f"0109{GS}21A1"]

    def test_is_alt_with_029(self, station, station_batch):
        station.keyboard.type("0109")
        station.keyboard.down("Alt")
        for digit in "029":
            station.keyboard.press(f"Numpad{digit}")
        station.keyboard.up("Alt")
        shoot(station, "21A1")

        expect(station.locator("#answer")).to_have_class("band wrong")
        assert texts_of(station_batch) == [f"0109{GS}21A1"]


class TestKeysDuringARequest:
    def test_wait_and_are_scanned_in_order(self, station, station_batch):
        calls = HeldRequests(station, SCANS)
        shoot(station, "1")
        calls.wait()
        for number in (2, 3, 4):
            shoot(station, str(number))
        expect(station.locator(FIELD)).to_have_value("")
        assert len(calls.held) == 1
        assert texts_of(station_batch) == []

        calls.release()

        expect(station.locator("#list li")).to_have_count(4)
        assert texts_of(station_batch) == ["1", "2", "3", "4"]

    def test_go_into_the_case_that_the_held_request_opens(self, station, station_batch):
        calls = HeldRequests(station, SCANS)
        shoot(station, label_of(station_batch, 2))
        calls.wait()
        for number in range(11, 21):
            shoot(station, code_of(station_batch, number))

        calls.release()

        expect(station.locator("#counts")).to_have_text("10 of 30 units · 1 of 3 cases")
        assert sequences_in(station_batch, 2) == list(range(11, 21))

    def test_survive_the_update_of_the_page(self, station, station_batch):
        pages = HeldRequests(station, "**/pack/?scan=*")
        shoot(station, "1")
        pages.wait()
        station.keyboard.type("SEQ")
        pages.release()
        expect(station.locator("#list")).to_contain_text("#1 MINT")

        shoot(station, ":2")

        expect(station.locator("#list")).to_contain_text("#2 MINT")


class TestFocus:
    def test_comes_back_after_a_tap_beside_the_field(self, station):
        station.get_by_role("heading", name="Your list").click()

        expect(station.locator(FIELD)).to_be_focused()

    def test_stays_in_another_field(self, station):
        station.get_by_text("Paste many codes").click()
        paste = station.get_by_label("Codes, links or numbers")
        paste.focus()

        station.keyboard.type("11, 12")

        expect(paste).to_have_value("11, 12")
        expect(paste).to_be_focused()

    def test_on_a_button_loses_no_scan_and_presses_nothing(self, station, station_batch):
        shoot(station, "1")
        expect(station.locator("#list")).to_contain_text("#1 MINT")
        station.get_by_role("button", name="Clear").focus()

        shoot(station, "CASE:1")

        expect(station.locator("#answer")).to_contain_text("Case #1: 1 unit packed.")
        assert texts_of(station_batch) == ["1", "CASE:1"]

    def test_comes_back_after_a_button(self, station):
        shoot(station, "1")
        station.get_by_role("button", name="Remove #1").click()

        expect(station.locator("#answer")).to_contain_text("Taken off your list.")
        expect(station.locator(FIELD)).to_be_focused()

    def test_takes_keys_that_nobody_has(self, station):
        station.evaluate("() => document.activeElement.blur()")
        station.evaluate("() => new Promise(requestAnimationFrame)")

        shoot(station, "SEQ:7")

        expect(station.locator("#list")).to_contain_text("#7 MINT")


class TestPrintedCommands:
    def test_in_scan_and_pack(self, station, station_batch):
        for text in (label_of(station_batch, 2), "11", "12", "close case"):
            shoot(station, text)
        expect(station.locator("#answer")).to_contain_text("Case #2: 2 units packed. 8 to go.")

        shoot(station, "UNDO")

        expect(station.locator("#answer")).to_contain_text("2 units taken out of Case #2")
        assert sequences_in(station_batch, 2) == []

    def test_in_perfect_case(self, station, station_batch):
        station.goto(f"/scan/b/{station_batch.pk}/perfect/")
        shoot(station, label_of(station_batch, 3))
        expect(station.locator("#answer")).to_contain_text("Case #3 marked perfect!")

        shoot(station, "UNDO", end="Tab")

        expect(station.locator("#answer")).to_contain_text("10 units taken out of Case #3")
        assert not MasterCode.objects.filter(batch=station_batch, status="packed").exists()

    def test_in_the_background_mode(self, station, station_batch):
        station.goto(f"/scan/b/{station_batch.pk}/rest/")
        submit(station, "3")
        run_due_jobs()
        station.reload()
        shoot(station, label_of(station_batch, 1))
        expect(station.locator("#answer")).to_contain_text("Pack #1-#2, #4-#11.")

        shoot(station, "UNDO")

        expect(station.locator("#answer")).to_contain_text("10 units taken out of Case #1")
        expect(station.locator("#ready")).to_have_text("Ready: 29")


class TestModes:
    def test_perfect_packs_case_by_case(self, station, station_batch):
        station.goto(f"/scan/b/{station_batch.pk}/perfect/")
        for number, end in ((1, "Enter"), (2, "Tab")):
            shoot(station, label_of(station_batch, number), end=end)
            expect(station.locator("#answer")).to_contain_text(f"Case #{number} marked perfect!")

        shoot(station, label_of(station_batch, 2))

        expect(station.locator("#answer")).to_have_class("band duplicate")
        expect(station.locator("#counts")).to_have_text("20 of 30 units · 2 of 3 cases")

    def test_the_rest_is_packed_now(self, station, station_batch):
        station.goto(f"/scan/b/{station_batch.pk}/rest-now/")
        station.get_by_role("button", name="Prepare now").click()
        expect(station.locator("#ready")).to_have_text("Ready: 30")

        shoot(station, label_of(station_batch, 1))
        expect(station.locator("#answer")).to_contain_text("Pack #1-#10.")
        shoot(station, label_of(station_batch, 2), end="Tab")

        expect(station.locator("#answer")).to_contain_text("Pack #11-#20.")
        expect(station).to_have_url(re.compile("/rest-now/"))

    def test_the_background_mode_takes_its_units_and_its_tick(self, station, station_batch):
        station.goto(f"/scan/b/{station_batch.pk}/rest/")
        submit(station, "3")
        run_due_jobs()
        station.reload()
        station.get_by_label("Only units planned for this case").check()
        station.get_by_label("Units", exact=True).fill("4")
        station.locator(FIELD).focus()

        shoot(station, label_of(station_batch, 2))
        expect(station.locator("#answer")).to_contain_text("Pack #11-#14.")
        station.reload()
        expect(station.locator("#answer")).to_contain_text("Pack #11-#14.")
        shoot(station, label_of(station_batch, 2))

        expect(station.locator("#answer")).to_contain_text("Pack #15-#20.")
        assert sequences_in(station_batch, 2) == list(range(11, 21))
