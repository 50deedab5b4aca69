"""What the tests of scan stations share: a small batch, its page, and a scanner gun."""

from playwright.sync_api import Page, Route

from qrtracking.models import Batch, ScanItem

SCANS = "**/api/v1/qr/scans"
# What a browser says of a connection that a test itself takes away.
NO_NETWORK = ["net::ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED"]


# Keys come here one call after the other, and on a busy machine later than those of a scanner gun:
# only a test that moves the clock itself sees the pause that ends a scan.
PATIENT_TIMERS = """
    const start = window.setTimeout;
    window.setTimeout = (act, wait, ...more) => start(act, wait === 80 ? 3600000 : wait, ...more);
"""
# All keys in one task, so that they are as fast as those of a gun whatever the machine does.
_BURST = """
    (text) => {
      for (const key of text) {
        const options = { key, bubbles: true, cancelable: true };
        const isOurs = document.activeElement.dispatchEvent(new KeyboardEvent("keydown", options));
        if (isOurs) document.execCommand("insertText", false, key);
      }
    }
"""


def burst(page: Page, text: str) -> None:
    """Fast keys without an end, wherever the focus is."""
    page.evaluate(_BURST, text)


def shoot(page: Page, text: str, *, end: str = "Enter") -> None:
    """The keys of a scanner gun, wherever the focus is."""
    page.keyboard.type(text)
    page.keyboard.press(end)


def texts_of(batch: Batch) -> list[str]:
    """What the server was sent, in the order in which it came."""
    return list(
        ScanItem.objects.filter(batch=batch).order_by("pk").values_list("raw_text", flat=True)
    )


class HeldRequests:
    """Holds the calls of a page until a test lets them go."""

    def __init__(self, page: Page, pattern: str) -> None:
        self.page = page
        self.held: list[Route] = []
        self.is_open = False
        page.route(pattern, lambda route: self._take(route))

    def _take(self, route: Route) -> None:
        if self.is_open:
            route.continue_()
        else:
            self.held.append(route)

    def wait(self) -> None:
        while not self.held:
            self.page.evaluate("() => new Promise(requestAnimationFrame)")

    def release(self) -> None:
        self.is_open = True
        for route in self.held:
            route.continue_()
