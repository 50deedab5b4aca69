"""Photos of labels: one file, every code in it a scan. They work without JavaScript too."""

import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from qrtracking.models import UnitCode
from tests.browser.conftest import PHONE
from tests.browser.stations import NO_NETWORK, shoot, texts_of
from tests.browser.test_scan_pages import code_of, label_of, overflow_of, small_targets_of
from tests.scanning.pictures import as_file, draw_code, draw_tray

WITH_AND_WITHOUT = pytest.mark.parametrize(
    "has_javascript", [True, False], ids=["javascript", "no-javascript"]
)


def link_of(batch, sequence: int) -> str:
    """What the sticker of a unit holds."""
    return f"http://testserver/track/product/{code_of(batch, sequence)}"


def send(page: Page, data: bytes, *, has_javascript: bool = True) -> None:
    page.get_by_text("Photo of a label or tray").click()
    file = {"name": "tray.png", "mimeType": "image/png", "buffer": data}
    page.get_by_label("Photo", exact=True).set_input_files(file)
    if not has_javascript:
        page.get_by_role("button", name="Scan this photo").click()


@WITH_AND_WITHOUT
class TestTray:
    def test_takes_all_24_codes(self, station, station_batch, has_javascript):
        codes = [link_of(station_batch, number) for number in range(1, 25)]

        send(station, as_file(draw_tray(codes)), has_javascript=has_javascript)

        expect(station.locator("#answer")).to_have_class("band ok")
        expect(station.locator("#answer")).to_contain_text(
            "24 codes: 24 ok, 0 already done, 0 wrong"
        )
        expect(station.locator("#list li")).to_have_count(24)
        assert texts_of(station_batch) == codes

    def test_counts_and_lists_what_is_wrong(self, station, station_batch, has_javascript):
        codes = [link_of(station_batch, 1), link_of(station_batch, 1), "zzz"]

        send(station, as_file(draw_tray(codes, columns=3)), has_javascript=has_javascript)

        expect(station.locator("#answer")).to_have_class("band wrong")
        expect(station.locator("#answer")).to_contain_text("3 codes: 1 ok, 1 already done, 1 wrong")
        lines = station.locator(".band-lines li")
        expect(lines).to_contain_text(["Added #1", "#1: Already on your list", "zzz: Unknown code"])

    def test_without_a_code_says_so(self, station, station_batch, has_javascript):
        send(station, as_file(Image.new("L", (300, 300), 200)), has_javascript=has_javascript)

        expect(station.locator("#answer")).to_have_class("band wrong")
        expect(station.locator("#answer")).to_contain_text("No code found in the photo")
        assert texts_of(station_batch) == []

    def test_that_is_no_image_says_so(self, station, has_javascript):
        send(station, b"hello", has_javascript=has_javascript)

        expect(station.locator("#answer")).to_contain_text("File is not an image")


class TestPhoto:
    def test_of_a_case_and_its_units_packs_them(self, station, station_batch):
        codes = [label_of(station_batch, 2), *(link_of(station_batch, n) for n in range(11, 16))]

        send(station, as_file(draw_tray(codes)))
        expect(station.locator("#open-case")).to_have_text("Case #2 open, 5 of 10")
        shoot(station, "CLOSE CASE")

        expect(station.locator("#answer")).to_contain_text("Case #2: 5 units packed. 5 to go.")
        assert UnitCode.objects.filter(master_code__case_number=2).count() == 5

    def test_is_not_sent_without_a_connection(self, station, station_batch, forgiven):
        forgiven += NO_NETWORK
        station.context.set_offline(True)
        send(station, as_file(draw_code(link_of(station_batch, 1))))
        expect(station.locator("#answer")).to_contain_text("No connection")

        station.context.set_offline(False)
        station.get_by_role("button", name="Scan this photo").click()

        expect(station.locator("#list")).to_contain_text("#1 MINT")

    def test_is_what_the_button_takes_where_there_is_no_camera(self, station, station_batch):
        """Without HTTPS a browser gives pages no camera."""
        station.add_init_script(
            "Object.defineProperty(navigator, 'mediaDevices', {value: undefined})"
        )
        station.reload()
        with station.expect_file_chooser() as chooser:
            station.get_by_role("button", name="Photo", exact=True).click()
        picture = as_file(draw_code(link_of(station_batch, 7)))

        chooser.value.set_files({"name": "p.png", "mimeType": "image/png", "buffer": picture})

        expect(station.locator("#answer")).to_contain_text("Added #7, MINT.")

    def test_opens_an_order_where_there_is_no_camera(self, station, station_batch):
        station.add_init_script(
            "Object.defineProperty(navigator, 'mediaDevices', {value: undefined})"
        )
        station.goto("/scan/")
        with station.expect_file_chooser() as chooser:
            station.get_by_role("button", name="Photo", exact=True).click()
        picture = as_file(draw_code(link_of(station_batch, 7)))

        chooser.value.set_files({"name": "p.png", "mimeType": "image/png", "buffer": picture})

        expect(station).to_have_url(re.compile(str(station_batch.pk)))

    def test_of_a_case_label_packs_a_perfect_case(self, station, station_batch):
        station.goto(f"/scan/b/{station_batch.pk}/perfect/")

        send(station, as_file(draw_code(label_of(station_batch, 3))))

        expect(station.locator("#answer")).to_contain_text("Case #3 marked perfect!")
        expect(station.locator("#counts")).to_have_text("10 of 30 units · 1 of 3 cases")

    @pytest.mark.parametrize("viewport", [PHONE])
    def test_has_an_answer_that_fits_a_phone(self, station, station_batch, viewport):
        codes = [*(link_of(station_batch, n) for n in (1, 2, 2)), "http://x.example/" + "z" * 90]

        send(station, as_file(draw_tray(codes, columns=2, cell=220)))

        expect(station.locator(".band-lines li")).to_have_count(4)
        assert overflow_of(station) <= 0
        assert small_targets_of(station) == []
