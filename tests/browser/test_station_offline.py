"""A station whose connection fails: nothing is lost, nothing is doubled, nothing is green too early."""

import pytest
from django.conf import settings
from playwright.sync_api import Page, Route, expect

from accounts.models import Role
from qrtracking.models import ScanItem
from tests.accounts.factories import make_member
from tests.browser.stations import NO_NETWORK, SCANS, shoot, texts_of
from tests.browser.test_scan_pages import code_of, label_of, sequences_in

pytestmark = pytest.mark.usefixtures("lost_connections")


@pytest.fixture
def lost_connections(forgiven: list[str]) -> None:
    forgiven += NO_NETWORK


def waiting(page: Page):
    return page.locator("[data-queue-waiting]")


def cut_off(page: Page) -> None:
    """The pages load, the scans do not get through."""
    page.route(SCANS, lambda route: route.abort())


class TestWithoutConnection:
    def test_scans_wait_in_amber_and_are_sent_in_order(self, station, station_batch):
        station.context.set_offline(True)
        for number in (3, 1, 2):
            shoot(station, code_of(station_batch, number))
        expect(waiting(station)).to_have_text("Queued 3, waiting for connection")
        expect(station.locator("#answer")).to_have_class("band queued")
        assert not ScanItem.objects.exists()

        station.context.set_offline(False)

        expect(station.locator("#list li")).to_have_count(3)
        expect(waiting(station)).to_be_hidden()
        expect(station.get_by_text("Sent later: 3 ok, 0 already done, 0 wrong")).to_be_visible()
        assert texts_of(station_batch) == [code_of(station_batch, n) for n in (3, 1, 2)]

    def test_nothing_is_green(self, station, station_batch):
        station.evaluate(
            "() => { window.given = []; document.addEventListener('scanning:feedback',"
            " (event) => window.given.push(event.detail.kind)); }"
        )
        station.context.set_offline(True)
        shoot(station, "1")
        expect(waiting(station)).to_have_text("Queued 1, waiting for connection")
        assert station.evaluate("() => window.given") == ["queued"]

        station.context.set_offline(False)

        expect(station.locator("#answer")).to_have_class("band ok")
        assert station.evaluate("() => window.given") == ["queued", "ok"]

    def test_units_go_into_the_case_that_was_scanned_before_them(self, station, station_batch):
        station.context.set_offline(True)
        shoot(station, label_of(station_batch, 2))
        for number in range(11, 21):
            shoot(station, str(number))
        expect(waiting(station)).to_have_text("Queued 11, waiting for connection")

        station.context.set_offline(False)

        expect(station.locator("#counts")).to_have_text("10 of 30 units · 1 of 3 cases")
        assert sequences_in(station_batch, 2) == list(range(11, 21))

    def test_what_was_refused_is_listed_until_it_is_read(self, station, station_batch):
        station.context.set_offline(True)
        for text in ("1", "1", "zzz"):
            shoot(station, text)
        expect(waiting(station)).to_have_text("Queued 3, waiting for connection")
        station.context.set_offline(False)
        refused = station.get_by_role("list", name="Refused").get_by_role("listitem")
        expect(refused).to_contain_text(["Already on your list: #1", "Unknown code: zzz"])

        station.reload()
        expect(refused).to_have_count(2)
        station.get_by_role("button", name="I have read this").click()
        station.reload()

        expect(station.locator("#list")).to_contain_text("#1 MINT")
        expect(refused).to_have_count(0)

    def test_other_buttons_say_so_and_leave_the_page(self, station):
        shoot(station, "1")
        expect(station.locator("#list")).to_contain_text("#1 MINT")
        station.context.set_offline(True)

        station.get_by_role("button", name="Clear").click()

        expect(station.locator("#answer")).to_contain_text("No connection")
        station.context.set_offline(False)
        station.get_by_role("button", name="Clear").click()
        expect(station.locator("#answer")).to_contain_text("List cleared: 1 unit.")

    def test_undo_waits_behind_the_scans(self, station, station_batch):
        station.context.set_offline(True)
        shoot(station, "1")
        shoot(station, "2")
        station.get_by_role("button", name="Undo").click()
        expect(waiting(station)).to_have_text("Queued 3, waiting for connection")

        station.context.set_offline(False)

        expect(station.locator("#list li")).to_have_count(1)
        expect(station.locator("#list")).to_contain_text("#1 MINT")


class TestLostAnswer:
    def test_sends_the_same_scan_again_and_doubles_nothing(self, station, station_batch):
        def lose(route: Route) -> None:
            route.fetch()
            route.abort()

        station.route(SCANS, lose, times=1)
        shoot(station, "1")
        expect(waiting(station)).to_have_text("Queued 1, waiting for connection")
        assert texts_of(station_batch) == ["1"]

        # The next scan tries again by itself.
        shoot(station, "2")

        expect(station.locator("#list li")).to_have_count(2)
        expect(waiting(station)).to_be_hidden()
        assert texts_of(station_batch) == ["1", "2"]

    def test_tries_again_by_itself(self, station, station_batch, forgiven):
        forgiven += ["status of 503"]
        station.route(SCANS, lambda route: route.fulfill(status=503, body="<h1>503</h1>"), times=1)

        shoot(station, "1")

        expect(station.locator("#list")).to_contain_text("#1 MINT")
        assert texts_of(station_batch) == ["1"]

    def test_an_update_that_fails_leaves_the_page(self, station, station_batch, forgiven):
        forgiven += ["status of 502"]
        station.route("**/pack/?scan=*", lambda route: route.fulfill(status=502), times=1)
        with station.expect_response("**/pack/?scan=*"):
            shoot(station, "1")
        expect(station.locator("#answer")).to_contain_text("Added #1, MINT.")

        shoot(station, "2")

        expect(station.locator("#list li")).to_have_count(2)

    def test_one_that_the_server_never_takes_holds_up_no_other(
        self, station, station_batch, forgiven
    ):
        forgiven += ["status of 400"]
        refusal = {"success": False, "error": "Invalid characters in request"}
        station.route(SCANS, lambda route: route.fulfill(status=400, json=refusal), times=1)
        shoot(station, "1")
        expect(station.locator("#answer")).to_contain_text("Invalid characters in request")

        shoot(station, "2")

        expect(station.locator("#list")).to_contain_text("#2 MINT")
        assert texts_of(station_batch) == ["2"]


class TestReload:
    def test_keeps_what_waits_and_sends_it(self, station, station_batch):
        cut_off(station)
        shoot(station, label_of(station_batch, 2))
        shoot(station, "11")
        expect(waiting(station)).to_have_text("Queued 2, waiting for connection")

        station.reload()
        expect(waiting(station)).to_have_text("Queued 2, waiting for connection")
        shoot(station, "12")
        expect(waiting(station)).to_have_text("Queued 3, waiting for connection")
        station.unroute(SCANS)
        station.reload()

        expect(station.locator("#open-case")).to_have_text("Case #2 open, 2 of 10")
        assert texts_of(station_batch) == [label_of(station_batch, 2), "11", "12"]

    def test_of_another_page_sends_it_too(self, station, station_batch):
        cut_off(station)
        shoot(station, "1")
        expect(waiting(station)).to_have_text("Queued 1, waiting for connection")
        station.unroute(SCANS)

        station.goto("/scan/")

        expect(station.get_by_text("Sent later: 1 ok, 0 already done, 0 wrong")).to_be_visible()
        assert texts_of(station_batch) == ["1"]


class TestPeople:
    def test_send_only_their_own_scans(self, station, station_batch, sign_in):
        cut_off(station)
        shoot(station, "1")
        expect(waiting(station)).to_have_text("Queued 1, waiting for connection")
        station.unroute(SCANS)
        colleague = make_member(Role.OPERATOR, organization=station_batch.organization)

        sign_in(colleague)
        station.reload()
        shoot(station, "2")

        expect(station.locator("#list")).to_contain_text("#2 MINT")
        assert texts_of(station_batch) == ["2"]

    def test_sign_in_again_and_lose_nothing(self, station, station_batch, sign_in, forgiven):
        forgiven += ["status of 401"]
        owner = station_batch.organization.memberships.get().user
        station.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
        shoot(station, "1")
        expect(station.get_by_text("You are signed out.")).to_be_visible()

        sign_in(owner)
        station.reload()

        expect(station.locator("#list")).to_contain_text("#1 MINT")
        assert texts_of(station_batch) == ["1"]


class TestBrowserWithoutStorage:
    def test_sends_the_form_as_without_javascript(self, station, station_batch, forgiven):
        station.add_init_script("delete window.indexedDB; window.indexedDB = undefined;")
        station.reload()

        shoot(station, "1")

        expect(station.locator("#list")).to_contain_text("#1 MINT")
        assert texts_of(station_batch) == ["1"]
