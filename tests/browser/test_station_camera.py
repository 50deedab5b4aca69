"""The camera with a film of labels, under the policy of production."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, BrowserType, Page, expect

from accounts.models import Role
from tests.accounts.factories import make_member
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.stations import texts_of
from tests.browser.test_scan_pages import code_of
from tests.scanning.pictures import DATA_MATRIX, QR, draw_code

WIDTH, HEIGHT, PER_SECOND = 640, 480, 10
SHOWN, BETWEEN = 12, 4  # frames
SEQUENCES = (5, 2, 9, 1, 7)


def frame_with(text: str, kind: Any, turn: int) -> Image.Image:
    """A label before a grey wall, a little turned and a little blurred."""
    code = draw_code(text, kind, scale=3).convert("L")
    turned = code.rotate(turn, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
    frame = Image.new("L", (WIDTH, HEIGHT), 150)
    frame.paste(turned, ((WIDTH - turned.width) // 2, (HEIGHT - turned.height) // 2))
    return frame.filter(ImageFilter.GaussianBlur(0.6))


def write_film(path: Path, texts: Sequence[str]) -> None:
    """Y4M: the planes of each frame as they are."""
    grey = bytes([128]) * (WIDTH * HEIGHT // 2)
    wall = Image.new("L", (WIDTH, HEIGHT), 150).tobytes() + grey
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{PER_SECOND}:1 Ip A1:1 C420jpeg\n".encode())
        for place, text in enumerate(texts):
            kind = DATA_MATRIX if place % 2 else QR
            label = frame_with(text, kind, turn=place * 7 - 14).tobytes() + grey
            for planes, count in ((label, SHOWN), (wall, BETWEEN)):
                file.write((b"FRAME\n" + planes) * count)


@pytest.fixture
def camera_browser(browser_type: BrowserType, tmp_path, station_batch) -> Iterator[Browser]:
    film = tmp_path / "labels.y4m"
    write_film(film, [code_of(station_batch, number) for number in SEQUENCES])
    flags = [
        *FLAGS,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    browser = browser_type.launch(executable_path=CHROMIUM, args=flags)
    yield browser
    browser.close()


@pytest.fixture
def context(camera_browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Any]:
    context = camera_browser.new_context(**browser_context_args, permissions=["camera"])
    yield context
    context.close()


class TestCamera:
    def test_scans_five_labels_in_their_order(self, station: Page, station_batch):
        with station.expect_response("**/pack/") as response:
            station.reload()
        policy = response.value.headers["content-security-policy"]
        assert "script-src 'self' 'wasm-unsafe-eval';" in policy

        station.get_by_role("button", name="Camera").click()

        expect(station.locator("#list li")).to_have_count(5, timeout=60_000)
        station.get_by_role("button", name="Stop the camera").click()
        expect(station.locator("[data-camera-view]")).to_be_hidden()
        seen = list(dict.fromkeys(texts_of(station_batch)))
        expected = [code_of(station_batch, number) for number in SEQUENCES]
        begin = expected.index(seen[0])
        assert seen == expected[begin:] + expected[:begin]

    def test_shows_on_the_page_of_the_devices_what_it_reads(self, station: Page, station_batch):
        station.goto("/scan/device/")
        station.get_by_role("button", name="Camera").click()

        codes = station.locator("[data-device-codes] li")
        expect(codes.first).to_contain_text("PROD-", timeout=60_000)
        assert texts_of(station_batch) == []


class TestRefusedCamera:
    @pytest.fixture
    def context(self, browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Any]:
        """A browser that has no camera at all."""
        context = browser.new_context(**browser_context_args)
        yield context
        context.close()

    def test_leads_to_a_photo(self, browser, sign_in, page: Page, station_batch):
        sign_in(make_member(Role.OPERATOR, organization=station_batch.organization))
        page.goto(f"/scan/b/{station_batch.pk}/pack/")

        page.get_by_role("button", name="Camera").click()

        expect(page.locator("[data-camera-problem]")).to_contain_text("No camera was found.")
        expect(page.get_by_role("button", name="Photo", exact=True)).to_be_visible()
