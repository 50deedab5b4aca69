"""The intake page without JavaScript, and the JSON that it sends with it."""

import json
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from django.test import Client

from accounts.models import Role
from inventory.models import Device, Location, QueueBatch, QueueItem, StockEntry
from inventory.services import intake_scans
from inventory.services.next_item import Attempt
from tests.accounts.factories import OrganizationFactory, UserFactory, make_member
from tests.inventory.factories import A, B, add, imei_of, process
from tests.scanning.pictures import as_file, draw_tray

pytestmark = pytest.mark.django_db

WRONG = "356938035643808"
STATION, PLACE, DONE = "/scan/intake/", "/scan/intake/place/", "/scan/intake/done/"


@pytest.fixture
def organization():
    return OrganizationFactory(kind="warehouse", name="Demo Warehouse")


@pytest.fixture
def operator(organization):
    return make_member(Role.OPERATOR, organization=organization)


@pytest.fixture
def visitor(operator):
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def station(visitor):
    """At Shelf A."""
    choose(visitor, name="Shelf A")
    return visitor


def choose(client, **fields):
    return client.post(f"{PLACE}choose/", fields)


def scan(client, text, **fields):
    """The page that answers."""
    data = {"code": text, "key": str(uuid4()), **fields}
    return client.post(f"{STATION}scan/", data, follow=True)


def send(client, organization, *texts, **changes):
    scans = [{"uuid": str(uuid4()), "text": text, "case_id": None} for text in texts]
    place = Location.objects.order_by("pk").first()
    body = {"organization": str(organization.pk), "location": place and place.pk, "scans": scans}
    return post(client, {**body, **changes})


def post(client, body):
    return client.post(f"{STATION}scans/", body, content_type="application/json")


class TestPlace:
    def test_comes_first(self, visitor):
        assert visitor.get(STATION)["Location"] == PLACE

    def test_is_made_when_there_is_none(self, visitor):
        page = visitor.get(PLACE, {"q": "Shelf A"})
        assert "Create “Shelf A”" in page.text

        assert choose(visitor, name="Shelf A")["Location"] == STATION

        assert "<h1>Shelf A" in visitor.get(STATION).text
        assert Location.objects.get().description == "Auto-created location for Shelf A"

    def test_is_found_and_chosen(self, station):
        choose(station, name="Shelf B")
        page = station.get(PLACE, {"q": "shelf a"})
        assert "Create" not in page.text
        assert "Shelf B" not in page.text

        choose(station, location=Location.objects.get(name="Shelf A").pk)

        assert "<h1>Shelf A" in station.get(STATION).text

    def test_is_remembered_over_a_login(self, station, operator):
        station.post("/logout")
        assert station.cookies["intake_place"]["httponly"]
        station.force_login(operator)

        assert "Shelf A <span>Main warehouse, the last one" in station.get(PLACE).text

    def test_is_not_made_where_the_setting_forbids_it(self, visitor, settings):
        settings.QUEUE_AUTO_CREATE_LOCATIONS = False

        assert "Your manager can create it." in visitor.get(PLACE, {"q": "Shelf A"}).text
        choose(visitor, name="Shelf A")

        assert not Location.objects.exists()

    def test_that_is_none_is_refused(self, visitor):
        names = ({"name": name} for name in ("", "x" * 101, "n/a"))
        for fields in ({}, *names, {"location": "9" * 18}):
            page = visitor.get(choose(visitor, **fields)["Location"])

            assert 'class="band wrong"' in page.text
        assert not Location.objects.exists()

    def test_of_another_organization_is_not_there(self, station, visitor):
        foreign = make_member(Role.OPERATOR)
        other = Client()
        other.force_login(foreign)

        choose(other, location=Location.objects.get().pk)

        assert other.get(STATION)["Location"] == PLACE
        assert "Shelf A" not in other.get(PLACE).text

    def test_survives_any_cookie(self, visitor):
        for cookie in ("x", "9" * 30, "-1"):
            visitor.cookies["intake_place"] = cookie

            assert visitor.get(PLACE).status_code == 200


class TestScanForm:
    def test_answers_on_the_next_page(self, station):
        page = scan(station, A)

        assert 'class="band ok"' in page.text
        assert '<p class="band-title">NEW</p>' in page.text
        assert f"<dd>{A}</dd>" in page.text
        assert "<strong>1</strong> phone<" in page.text

    def test_says_that_a_phone_was_scanned_already(self, station):
        scan(station, A)

        page = scan(station, A)

        assert 'class="band duplicate"' in page.text
        assert "ALREADY SCANNED at " in page.text
        assert "<strong>1</strong> phone<" in page.text

    def test_moves_a_phone(self, station, organization):
        add(organization, {"imei": A, "location": "Shelf <B>"})
        process(organization)

        page = scan(station, A)

        assert "MOVED Shelf &lt;B&gt; → Shelf A" in page.text
        assert "<dd>at Shelf &lt;B&gt;</dd>" in page.text

    def test_refuses_what_is_no_imei(self, station):
        page = scan(station, "<b>SN-1</b>")

        assert 'class="band wrong"' in page.text
        assert "REFUSED IMEI is not numeric: &#x27;&lt;b&gt;SN-1&lt;/b&gt;&#x27;" in page.text
        assert "<dd>an IMEI: 15 digits</dd>" in page.text

    def test_asks_about_a_wrong_check_digit(self, station):
        page = scan(station, WRONG)

        assert "Check digit is wrong, expected 9" in page.text
        assert "Scan again, or press Enter to keep it." in page.text
        assert f'name="held" value="{WRONG}"' in page.text
        assert f'data-scan value="{WRONG}"' in page.text
        assert not QueueItem.objects.exists()

    def test_keeps_it_at_the_second_time(self, station):
        page = scan(station, WRONG, held=WRONG)

        assert '<p class="band-title">NEW</p>' in page.text
        assert "The check digit is wrong, expected 9" in page.text

    def test_sent_twice_is_one_scan(self, station):
        key = str(uuid4())

        for _ in range(2):
            page = scan(station, A, key=key)

        assert '<p class="band-title">NEW</p>' in page.text
        assert QueueItem.objects.count() == 1

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"code": ""}, "Nothing was scanned."),
            ({"code": "x" * 501}, "This text is too long for a label."),
            ({"key": "nonsense"}, "This page is too old. Scan again."),
        ],
    )
    def test_says_what_is_wrong_with_it(self, station, fields, text):
        data = {"code": A, "key": str(uuid4()), **fields}
        page = station.post(f"{STATION}scan/", data, follow=True)

        assert text in page.text
        assert not QueueItem.objects.exists()

    def test_says_that_a_phone_waits(self, station, monkeypatch):
        monkeypatch.setattr(intake_scans, "PAUSE_SECONDS", 0)
        monkeypatch.setattr(intake_scans, "process_item", lambda **arguments: Attempt(None))

        page = scan(station, A)

        assert "The phone is stored, and not in stock yet" in page.text

    def test_without_a_place_leads_to_the_places(self, visitor):
        assert visitor.post(f"{STATION}scan/", {"code": A})["Location"] == PLACE


class TestStation:
    def test_takes_as_many_statements_for_many_scans_as_for_few(
        self, station, organization, django_assert_num_queries
    ):
        send(station, organization, A)
        with django_assert_num_queries(7):
            station.get(STATION)
        send(station, organization, *map(imei_of, range(5)))

        with django_assert_num_queries(7):
            station.get(STATION)

    def test_shows_no_band_for_an_unknown_scan(self, station):
        for key in ("", "nonsense", str(uuid4())):
            assert 'id="answer"' not in station.get(STATION, {"scan": key}).text

    def test_shows_nothing_of_another_organization(self, station, organization):
        ref = uuid4()
        body = {"uuid": str(ref), "text": A}
        send(station, organization, scans=[body])
        other = Client()
        other.force_login(make_member(Role.OPERATOR))
        choose(other, name="Shelf A")

        page = other.get(STATION, {"scan": str(ref)})

        assert A not in page.text
        assert "<strong>0</strong> phones" in page.text

    def test_refuses_viewers_politely(self, organization):
        viewer = Client()
        viewer.force_login(make_member(Role.VIEWER, organization=organization))

        for path in (STATION, PLACE, DONE):
            response = viewer.get(path)

            assert response.status_code == 403
            assert "Your role does not allow this" in response.text

    def test_is_in_the_navigation_of_a_warehouse(self, station, client):
        assert "Take in phones" in station.get("/scan/").text
        client.force_login(make_member(Role.OPERATOR))
        assert "Take in phones" not in client.get("/scan/").text


class TestSentScans:
    def test_are_answered_in_their_order(self, station, organization):
        response = send(station, organization, A, A, "12", WRONG)

        results = response.json()["results"]
        assert [one["outcome"] for one in results] == ["ok", "duplicate", "wrong", "ok"]
        assert [one["message"].split(" at ")[0] for one in results] == [
            "NEW",
            "ALREADY SCANNED",
            "REFUSED IMEI must have 15 digits, got 2",
            "NEW",
        ]
        assert all(one["case"] is None and UUID(one["uuid"]) for one in results)

    def test_again_have_no_effect(self, station, organization):
        sent = [{"uuid": str(uuid4()), "text": A}]

        answers = [send(station, organization, scans=sent).json() for _ in range(2)]

        assert answers[0] == answers[1]
        assert (QueueItem.objects.count(), Device.objects.count()) == (1, 1)

    def test_that_cannot_be_stored_hold_up_no_others(self, station, organization):
        ref = str(uuid4())
        sent = [
            {"uuid": ref, "text": A},
            {"uuid": ref, "text": B},
            {"uuid": str(uuid4()), "text": B},
        ]

        results = send(station, organization, scans=sent).json()["results"]

        assert [one["outcome"] for one in results] == ["ok", "wrong", "ok"]
        assert results[1]["message"].startswith("REFUSED This page has sent another phone")

    def test_come_later_when_the_database_is_busy(self, station, organization, monkeypatch):
        monkeypatch.setattr(intake_scans, "PAUSE_SECONDS", 0)
        monkeypatch.setattr(intake_scans, "process_item", lambda **arguments: Attempt(None))

        response = send(station, organization, A)

        assert response.status_code == 503
        assert "not in stock yet" in response.json()["error"]

    def test_of_a_place_that_is_gone_are_refused(self, station, organization):
        for location in (10**30, -1, True, "1", None):
            result = send(station, organization, A, location=location).json()["results"][0]

            assert result["outcome"] == "wrong"
            assert "This place is no longer there." in result["message"]
        assert not QueueItem.objects.exists()

    def test_take_few_statements(self, station, organization, django_assert_max_num_queries):
        send(station, organization, A)

        # Two thirds of them are the claim and the write path of the queue.
        with django_assert_max_num_queries(45):
            send(station, organization, B)

    def test_need_a_body(self, station):
        bodies = [b"", b"{", b"[]", b"null", b"\xff", b"[" * 50_000]
        lists = [{}, [], [1], [{}] * 51]
        for body in [*bodies, *(json.dumps({"scans": scans}).encode() for scans in lists)]:
            assert post(station, body).status_code == 400, body[:50]

    def test_need_uuid_and_text(self, station, organization):
        long = {"uuid": str(uuid4()), "text": "x" * 501}
        nothing = {"uuid": [], "text": {}}
        for sent in ({}, {"uuid": "x", "text": A}, {"uuid": str(uuid4())}, long, nothing):
            response = send(station, organization, scans=[sent])

            assert response.status_code == 400
            assert response.json()["error"].startswith("A scan needs")

    def test_are_kept_by_the_page_of_somebody_who_is_signed_out(self, client, organization):
        response = send(client, organization, A)

        assert (response.status_code, response.json()["error"]) == (401, "You are signed out.")

    @pytest.mark.parametrize("role", [Role.VIEWER, None])
    def test_need_the_role(self, client, organization, role):
        user = make_member(role, organization=organization) if role else UserFactory()
        client.force_login(user)

        assert send(client, organization, A).status_code == 403
        assert not QueueItem.objects.exists()

    def test_for_another_organization_are_kept_by_the_page(self, station):
        response = send(station, OrganizationFactory(), A)

        assert response.status_code == 403
        assert "another organization of yours" in response.json()["error"]

    def test_into_a_place_of_another_organization_are_refused(self, station, client):
        user = make_member(Role.OPERATOR)
        client.force_login(user)

        result = send(client, user.organization, A).json()["results"][0]

        assert result["outcome"] == "wrong"
        assert not QueueItem.objects.exists()

    def test_need_the_token_of_the_page(self, operator, organization):
        client = Client(enforce_csrf_checks=True)
        client.force_login(operator)

        assert send(client, organization, A).status_code == 403

    def test_are_only_posted(self, station):
        assert station.get(f"{STATION}scans/").status_code == 405


class TestUndo:
    def press(self, client):
        page = client.get(STATION).text
        last = page.partition('name="last" value="')[2].partition('"')[0]
        return client.post(f"{STATION}undo/", {"last": last}, follow=True)

    @pytest.mark.parametrize(
        ("before", "advice"),
        [
            ([], "The phone is no longer in stock."),
            ([{"imei": A, "location": "Shelf B"}], "The phone is at Shelf B again."),
            ([{"imei": A, "location": "Shelf A"}], "The phone is as it was before."),
        ],
    )
    def test_takes_the_last_scan_back(self, station, organization, before, advice):
        if before:
            add(organization, *before)
            process(organization)
        scan(station, A)

        page = self.press(station)

        assert "TAKEN BACK" in page.text
        assert advice in page.text
        assert "<strong>0</strong> phones" in page.text
        assert "taken back" in page.text
        assert StockEntry.objects.count() == len(before)

    def test_with_nothing_to_take_back_says_so(self, station):
        page = station.post(f"{STATION}undo/", {"last": "x"}, follow=True)

        assert "There is no scan of yours to take back" in page.text
        assert "Undo last" not in page.text

    def test_of_an_older_page_takes_nothing_back(self, station):
        scan(station, A)

        page = station.post(f"{STATION}undo/", {"last": "x"}, follow=True)

        assert "Your last scan is another one by now." in page.text
        assert Device.objects.exists()


class TestDone:
    def test_adds_up_and_lists_by_place(self, station, organization):
        add(organization, {"imei": B, "location": "Shelf B"})
        process(organization)
        for text in (A, A, B, "12"):
            scan(station, text)
        choose(station, name="Shelf C")
        scan(station, imei_of(7))

        page = station.post(DONE, follow=True)

        assert "<h1>Done: 3 phones</h1>" in page.text
        figures = page.text.partition('id="totals">')[2].partition("</dl>")[0]
        numbers = [part.partition("<")[0] for part in figures.split("<dd>")[1:]]
        assert numbers == ["2", "1", "0", "1"]
        assert "Shelf A · Main warehouse: 2 phones" in page.text
        assert "Shelf C · Main warehouse: 1 phone<" in page.text
        assert "ALREADY SCANNED" not in page.text
        assert page.text.count(A) == 1

    def test_says_that_nothing_was_scanned(self, station):
        page = station.get(DONE)

        assert "No phones yet" in page.text
        assert "Go on at Shelf A" in page.text

    def test_begins_a_new_count(self, station):
        scan(station, A)

        assert station.post(f"{DONE}again/")["Location"] == PLACE

        page = station.get(STATION)
        assert "<strong>0</strong> phones" in page.text
        assert A not in page.text
        assert "<h1>Done: 0 phones</h1>" in station.get(DONE).text


class TestPhoto:
    def send(self, client, codes):
        image = BytesIO(as_file(draw_tray(codes, columns=2)))
        image.name = "tray.png"
        data = {"image": image, "key": str(uuid4())}
        return client.post(f"{STATION}photo/", data, follow=True)

    def test_scans_every_imei_and_leaves_other_codes(self, station):
        page = self.send(station, [A, B, "SN-12345", WRONG])

        assert "4 codes: 2 taken in, 0 already scanned, 2 left" in page.text
        assert "SN-12345: Not an IMEI" in page.text
        assert f"{WRONG}: Check digit is wrong, expected 9. Type it to keep it" in page.text
        assert QueueBatch.objects.count() == 2

    def test_of_one_label_has_the_answer_of_a_scan(self, station):
        assert '<p class="band-title">NEW</p>' in self.send(station, [A]).text

    def test_that_is_none_says_so(self, station):
        data = {"image": BytesIO(b"no image"), "key": str(uuid4())}
        data["image"].name = "x.png"

        page = station.post(f"{STATION}photo/", data, follow=True)

        assert "File is not an image" in page.text

    def test_needs_a_place(self, visitor):
        assert visitor.post(f"{STATION}photo/")["Location"] == PLACE
