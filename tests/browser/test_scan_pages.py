"""The main job through the scan pages, in a real browser on real input."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.models import Role, User
from jobs.runner import run_due_jobs
from qrtracking.models import Batch, MasterCode, PreparedCode, ReverseJob, ScanEvent, UnitCode
from tests.accounts.factories import PASSWORD, OrganizationFactory, make_member
from tests.browser.conftest import PHONE
from tests.qrtracking.factories import make_generated_batch

TARGET = 48


@pytest.fixture
def organization():
    return OrganizationFactory(name="Harbor Tea Works")


@pytest.fixture
def operator(organization) -> User:
    return make_member(Role.OPERATOR, organization=organization, username="olive")


@pytest.fixture
def batch(organization) -> Batch:
    """B1 of the worked examples: 1,000 units, 100 spares, 10 cases."""
    return make_generated_batch(order_no="ORD-HM-1125-02", organization=organization)


@pytest.fixture
def rest(page: Page, sign_in, operator: User, batch: Batch) -> Page:
    """The background mode of B1, nothing submitted yet."""
    sign_in(operator)
    page.goto(address(batch))
    return page


@pytest.fixture
def ready(rest: Page, batch: Batch) -> Page:
    """The background mode of B1 with all units but 3, 4, 5, 998 and 1000 in the queue."""
    submit(rest, "3,4,5,998,1000")
    run_due_jobs()
    rest.reload()
    return rest


def address(batch: Batch) -> str:
    return f"/scan/b/{batch.pk}/rest/"


def code_of(batch: Batch, sequence: int) -> str:
    return UnitCode.objects.get(batch=batch, sequence_number=sequence).code


def label_of(batch: Batch, number: int) -> str:
    """What the sticker of a case holds."""
    code = MasterCode.objects.get(batch=batch, case_number=number).master_code
    return f"http://testserver/track/master/{code}"


def submit(page: Page, excludes: str) -> None:
    page.get_by_label("Units that must not be packed").fill(excludes)
    page.get_by_role("button", name="Submit background job").click()
    expect(page.get_by_role("status")).to_contain_text("Job submitted.")


def scan(page: Page, text: str) -> None:
    """What a scanner gun does: its keys come quickly, then Enter."""
    expect(page.get_by_label("Scan a case label")).to_be_focused()
    page.keyboard.insert_text(text)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def sequences_in(batch: Batch, number: int) -> list[int]:
    units = UnitCode.objects.filter(master_code__batch=batch, master_code__case_number=number)
    return list(units.order_by("sequence_number").values_list("sequence_number", flat=True))


def fifty_excludes(batch: Batch) -> str:
    """50 units: 20 links with query strings, 20 bare codes, and numbers and ranges for ten."""
    links = [
        f"https://any.host/track/product/{code_of(batch, n)}?utm_source=mail&s=3"
        for n in range(11, 31)
    ]
    codes = [code_of(batch, n).lower() for n in range(101, 121)]
    return "\n".join([*links, ", ".join(codes), "201-204", "SEQ:301-305; 12000"])


class TestMainJob:
    @pytest.mark.parametrize("has_javascript", [True, False], ids=["javascript", "no-javascript"])
    def test_twelve_thousand_units(
        self, page, sign_in, organization, operator, has_javascript, settings
    ):
        settings.QR_POLL_SECONDS = 1
        batch = make_generated_batch(units=12_000, organization=organization)
        sign_in(operator)

        page.goto("/scan/")
        page.get_by_label("Scan any unit or case label").fill(code_of(batch, 77))
        page.keyboard.press("Enter")
        expect(page.locator("#counts")).to_have_text("0 of 12,000 units · 0 of 120 cases")
        page.get_by_role("link", name="Pack the rest, in background").click()
        submit(page, fifty_excludes(batch))
        expect(page.get_by_role("status")).to_contain_text("Excluding 43 codes.")
        run_due_jobs()
        if not has_javascript:
            page.reload()

        expect(page.locator("#jobs")).to_contain_text("11,950 prepared, 50 excluded")
        expect(page.locator("#ready")).to_have_text("Ready: 10,000+")
        job = ReverseJob.objects.get()
        assert (job.status, job.prepared_count) == ("completed", 11_950)
        assert job.result_summary["total_available"] == 12_000
        excluded = {*range(11, 31), *range(101, 121), *range(201, 205), *range(301, 306), 12_000}
        expected = iter([n for n in range(1, 12_001) if n not in excluded])
        for number in (1, 2, 3):
            scan(page, label_of(batch, number))
            expect(page.locator("#answer")).to_contain_text(f"Case #{number}: 100 units")
            assert sequences_in(batch, number) == [next(expected) for _ in range(100)]
        expect(page.locator("#counts")).to_have_text("300 of 12,000 units · 3 of 120 cases")
        assert PreparedCode.objects.live().count() == 11_650

    def test_begins_with_the_login(self, page, operator, batch):
        page.goto(address(batch))
        page.get_by_label("Username").fill("olive")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in", exact=True).click()

        expect(page.get_by_role("heading", name="ORD-HM-1125-02")).to_be_visible()
        assert page.url.endswith(address(batch))

    def test_previews_what_was_pasted(self, rest):
        rest.get_by_label("Units that must not be packed").fill("3, 10-20\n20-15")
        rest.get_by_role("button", name="Preview").click()

        expect(rest.locator(".preview")).to_contain_text("3 entries, 12 units.")
        expect(rest.locator(".preview")).to_contain_text("1 not found: 20-15")
        submit(rest, "3, 10-20")
        assert ReverseJob.objects.get().exclude_codes == ["3", "10-20"]

    def test_cancels_a_job(self, rest):
        submit(rest, "3")
        rest.get_by_role("link", name="Cancel").click()
        rest.get_by_role("button", name="Yes, cancel it").click()

        expect(rest.get_by_role("status")).to_contain_text("Job cancelled.")
        assert ReverseJob.objects.get().status == "cancelled"


class TestScan:
    def test_answers_a_double_scan_calmly(self, ready, batch):
        scan(ready, label_of(batch, 1))
        scan(ready, label_of(batch, 1))

        expect(ready.locator("#answer")).to_have_class("band duplicate")
        expect(ready.locator("#answer")).to_contain_text("Case #1 is already full")
        assert sequences_in(batch, 1) == [1, 2, *range(6, 104)]
        assert ScanEvent.objects.count() == 1

    def test_sends_a_scan_once_when_the_trigger_is_pulled_twice(self, ready, batch):
        ready.get_by_label("Units", exact=True).fill("40")
        ready.get_by_label("Scan a case label").fill("1")
        with ready.expect_navigation():
            ready.evaluate(
                "() => { const form = document.querySelector('[data-scan]').form;"
                " form.requestSubmit(); form.requestSubmit(); }"
            )

        expect(ready.locator("#answer")).to_contain_text("Case #1: 40 units")
        assert len(sequences_in(batch, 1)) == 40

    @pytest.mark.parametrize("has_javascript", [False])
    def test_repeats_nothing_on_reload_and_back(self, ready, batch, has_javascript):
        ready.get_by_label("Units", exact=True).fill("40")
        ready.get_by_label("Scan a case label").fill("1")
        ready.get_by_role("button", name="Pack").click()
        expect(ready.locator("#answer")).to_contain_text("Case #1: 40 units")
        ready.reload()
        expect(ready.locator("#answer")).to_contain_text("Case #1: 40 units")
        ready.go_back()
        ready.go_forward()

        assert len(sequences_in(batch, 1)) == 40

    def test_explains_a_unit_label(self, ready, batch):
        scan(ready, code_of(batch, 9))

        expect(ready.locator("#answer")).to_have_class("band wrong")
        expect(ready.locator("#answer")).to_contain_text("This is a unit label.")

    def test_takes_a_scanner_that_ends_with_tab(self, ready, batch):
        for number in (1, 2):
            expect(ready.get_by_label("Scan a case label")).to_be_focused()
            ready.keyboard.insert_text(label_of(batch, number))
            with ready.expect_navigation():
                ready.keyboard.press("Tab")
            expect(ready.locator("#answer")).to_contain_text(f"Case #{number}: 100 units")

    def test_lets_tab_leave_an_empty_field(self, ready):
        ready.keyboard.press("Tab")

        expect(ready.get_by_role("button", name="Pack")).to_be_focused()

    def test_keeps_the_focus_after_a_tap_beside_the_field(self, ready):
        ready.get_by_role("heading", level=1).click()

        expect(ready.get_by_label("Scan a case label")).to_be_focused()

    def test_works_with_the_keyboard_alone(self, rest, batch):
        rest.keyboard.type("3")
        for _ in range(2):
            rest.keyboard.press("Tab")
        expect(rest.get_by_role("button", name="Submit background job")).to_be_focused()
        with rest.expect_navigation():
            rest.keyboard.press("Enter")
        run_due_jobs()
        rest.reload()
        scan(rest, "1")
        expect(rest.locator("#answer")).to_contain_text("Case #1: 100 units")
        for _ in range(3):
            rest.keyboard.press("Tab")
        rest.keyboard.press("Space")
        for _ in range(3):
            rest.keyboard.press("Shift+Tab")
        scan(rest, "5")

        expect(rest.locator("#answer")).to_contain_text("Pack #401-#500.")
        expect(rest.get_by_label("Only units planned for this case")).to_be_checked()
        assert sequences_in(batch, 5) == list(range(401, 501))


class TestPolling:
    @pytest.fixture
    def polled(self, page: Page, rest: Page) -> Page:
        """A submitted job, on a page whose time stands still until a test lets it go on."""
        page.clock.install()
        submit(rest, "3,4,5")
        return rest

    @staticmethod
    def poll(page: Page) -> None:
        with page.expect_response("**/rest/jobs/**"):
            page.clock.run_for(3_000)

    def test_brings_the_scan_field_when_the_job_is_ready(self, polled, batch):
        run_due_jobs()
        self.poll(polled)

        expect(polled.locator("#ready")).to_have_text("Ready: 997")
        scan(polled, label_of(batch, 1))
        expect(polled.locator("#answer")).to_contain_text("Case #1: 100 units")

    def test_goes_on_after_a_poll_that_failed(self, polled, forgiven):
        forgiven += ["net::ERR_FAILED", "htmx:sendError", "htmx:afterRequest"]
        lost = polled.get_by_text("No answer from the server.")
        polled.route("**/rest/jobs/**", lambda route: route.abort(), times=1)
        with polled.expect_event("requestfailed"):
            polled.clock.run_for(3_000)
        expect(lost).to_be_visible()
        run_due_jobs()
        self.poll(polled)

        expect(polled.locator("#ready")).to_have_text("Ready: 997")
        expect(lost).to_be_hidden()

    def test_goes_on_after_an_answer_that_makes_no_sense(self, polled, forgiven):
        forgiven += ["status of 502", "Response Status Error Code 502"]

        def fail(route: Route) -> None:
            route.fulfill(status=502, body="<h1>Bad gateway</h1>")

        polled.route("**/rest/jobs/**", fail, times=1)
        self.poll(polled)
        expect(polled.get_by_text("No answer from the server.")).to_be_visible()
        expect(polled.locator("#jobs")).to_contain_text("waits for its turn")
        run_due_jobs()
        self.poll(polled)

        expect(polled.locator("#ready")).to_have_text("Ready: 997")

    def test_asks_nothing_while_nobody_looks(self, polled):
        asked: list[str] = []
        polled.on("request", lambda request: asked.append(request.url))
        show(polled, is_hidden=True)
        polled.clock.run_for(30_000)
        assert asked == []
        run_due_jobs()

        with polled.expect_response("**/rest/jobs/**"):
            show(polled, is_hidden=False)

        expect(polled.locator("#ready")).to_have_text("Ready: 997")

    def test_ends_with_the_last_job(self, polled):
        run_due_jobs()
        self.poll(polled)
        expect(polled.locator("#ready")).to_have_text("Ready: 997")
        asked: list[str] = []
        polled.on("request", lambda request: asked.append(request.url))

        polled.clock.run_for(30_000)

        assert asked == []

    def test_leaves_what_is_being_typed_alone(self, polled):
        polled.get_by_text("Submit another job").click()
        field = polled.get_by_label("Units that must not be packed")
        field.fill("7, 8")
        run_due_jobs()
        self.poll(polled)

        expect(polled.locator("#ready")).to_have_text("Ready: 997")
        expect(field).to_be_focused()
        expect(field).to_have_value("7, 8")

    def test_keeps_the_job_page_up_to_date(self, polled):
        polled.locator("#jobs .row-link").click()
        expect(polled.locator("#job")).to_contain_text("queued")
        run_due_jobs()
        with polled.expect_response("**/live/"):
            polled.clock.run_for(3_000)

        expect(polled.locator("#prepared")).to_have_text("997")
        expect(polled.locator(".log")).to_contain_text("Job completed: 997 codes prepared")

    def test_leads_to_the_login_when_the_session_has_ended(self, polled):
        polled.context.clear_cookies()
        polled.clock.run_for(3_000)

        expect(polled.get_by_role("heading", name="Log in")).to_be_visible()


def show(page: Page, *, is_hidden: bool) -> None:
    page.evaluate(
        "(isHidden) => {"
        " Object.defineProperty(document, 'hidden', {value: isHidden, configurable: true});"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        is_hidden,
    )


class TestPhone:
    @pytest.fixture
    def viewport(self):
        return PHONE

    def test_nothing_is_cut_off_and_every_target_is_big(self, page, sign_in, operator, batch):
        sign_in(operator)
        for step in self.walk(page, batch):
            assert overflow_of(page) <= 0, step
            assert small_targets_of(page) == [], step

    @staticmethod
    def walk(page: Page, batch: Batch):
        page.goto("/scan/")
        yield "list"
        page.get_by_label("Scan any unit or case label").fill("x" * 300)
        page.keyboard.press("Enter")
        expect(page.locator("#answer")).to_be_visible()
        yield "unknown code"
        page.get_by_role("link", name=re.compile("ORD-HM")).click()
        expect(page.locator("#packed")).to_be_visible()
        yield "batch"
        page.get_by_role("link", name="Pack the rest, in background").click()
        yield "nothing submitted"
        page.get_by_text("More choices").click()
        yield "options"
        submit(page, "3\n" + "y" * 300)
        yield "running"
        page.get_by_role("link", name="Cancel").click()
        yield "cancel"
        page.get_by_role("link", name="No, let it run").click()
        run_due_jobs()
        page.reload()
        yield "ready"
        scan(page, label_of(batch, 1))
        yield "ok"
        scan(page, label_of(batch, 1))
        yield "duplicate"
        scan(page, "z" * 300)
        yield "wrong"
        page.locator("#jobs .row-link").click()
        expect(page.locator(".log")).to_be_visible()
        yield "job"


def overflow_of(page: Page) -> int:
    root = "document.documentElement"
    return page.evaluate(f"() => {root}.scrollWidth - {root}.clientWidth")


def small_targets_of(page: Page) -> list[str]:
    """What is too low for a thumb. A tick box is as big as its label."""
    return page.evaluate(
        """(least) => [...document.querySelectorAll(
            'main button, main .button, main summary, main input:not([type=hidden], [type=checkbox]),'
            + 'main select, main textarea, main .tick label, main .row-link')]
            .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < least)
            .map((one) => one.outerHTML.slice(0, 100))""",
        TARGET,
    )
