"""What was done in a batch, and its undo on the page of the batch."""

import io
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from qrtracking.models import EventKind, MasterCode, ScanEvent
from tests.accounts.factories import UserFactory
from tests.qrtracking.factories import ScanEventFactory, make_generated_batch
from tests.qrtracking.pages import user_of, words
from tests.qrtracking.test_views_perfect import mark

pytestmark = pytest.mark.django_db

MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def batch(organization):
    return make_generated_batch(
        units=30, per_case=10, order_no="ORD-HM-1125-02", organization=organization
    )


def undo(client, batch):
    return client.post(reverse("scan:undo", args=[batch.pk]), follow=True)


def history(client, batch, **query):
    return client.get(reverse("scan:history", args=[batch.pk]), query)


def workbook(client, batch, **query):
    """The rows of the downloaded table."""
    response = client.get(reverse("scan:history-xlsx", args=[batch.pk]), query)
    assert response.status_code == 200
    read = CalamineWorkbook.from_filelike(io.BytesIO(response.getvalue()))
    return read.get_sheet_by_index(0).to_python()


class TestHistory:
    def test_sends_strangers_to_the_login(self, client, batch):
        assert history(client, batch)["Location"].startswith("/login")

    def test_does_not_hint_at_batches_of_others(self, elsewhere, batch):
        assert history(elsewhere, batch).status_code == 404

    def test_says_what_was_done_and_who_undid_it(self, operator, batch):
        mark(operator, batch, "2")
        undo(operator, batch)

        text = words(history(operator, batch))

        assert "olive Perfect case Case #2 10 units undone by olive" in text
        assert "olive Undone Case #2 10 units" in text

    @pytest.mark.parametrize("kind", EventKind)
    def test_says_every_kind_in_plain_words(self, viewer, batch, kind):
        event = ScanEventFactory(batch=batch, kind=kind, actor__username="ann")

        text = words(history(viewer, batch))

        assert f"ann {event.get_kind_display()} 0 units" in text
        assert kind.value not in text or "_" not in kind.value

    def test_shows_one_kind(self, operator, batch):
        mark(operator, batch, "2")
        undo(operator, batch)

        text = words(history(operator, batch, kind="undo"))

        assert "olive Undone Case #2" in text
        assert "olive Perfect case" not in text

    def test_shows_one_person(self, viewer, batch):
        ann = ScanEventFactory(batch=batch, actor__username="ann", note="by ann").actor
        ScanEventFactory(batch=batch, actor__username="bob", note="by bob")

        response = history(viewer, batch, person=ann.pk)

        assert "by ann" in words(response)
        assert "by bob" not in words(response)
        assert f'<option value="{ann.pk}" selected>' in response.text

    def test_offers_only_people_who_did_something(self, viewer, organization, batch):
        ScanEventFactory(batch=batch, actor__username="ann")
        UserFactory(username="stranger")

        people = history(viewer, batch).context["people"]

        assert [person.username for person in people] == ["ann"]

    @pytest.mark.parametrize("spelled", ["2", "CASE:2", "#2", "label"])
    def test_shows_one_case(self, operator, batch, spelled):
        mark(operator, batch, "2")
        mark(operator, batch, "3")
        label = MasterCode.objects.get(batch=batch, case_number=2).master_code

        text = words(history(operator, batch, case=label if spelled == "label" else spelled))

        assert "Perfect case Case #2" in text
        assert "Perfect case Case #3" not in text

    def test_joins_the_filters(self, operator, batch):
        mark(operator, batch, "2")
        ScanEventFactory(batch=batch, kind="perfect", note="of bob")

        response = history(operator, batch, kind="perfect", person=user_of(operator).pk, case="2")

        assert len(response.context["events"]) == 1

    @pytest.mark.parametrize("case", ["99", "zzz", "1-5", "a b", "0"])
    def test_shows_nothing_of_a_case_that_there_is_not(self, operator, batch, case):
        mark(operator, batch, "2")

        assert "Nothing like this was done." in words(history(operator, batch, case=case))

    def test_leads_to_what_is_older_with_the_same_filter(self, operator, batch):
        for number in range(51):
            ScanEventFactory(batch=batch, kind="link_scan", note=f"note {number}.")
            ScanEventFactory(batch=batch, kind="undo")

        newest = history(operator, batch, kind="link_scan")
        older = history(operator, batch, kind="link_scan", before=str(newest.context["older"]))

        assert f"?kind=link_scan&amp;before={newest.context['older']}" in newest.text
        assert "note 0." not in words(newest)
        assert "note 0." in words(older)
        assert len(older.context["events"]) == 1
        assert older.context["older"] is None

    @pytest.mark.parametrize(
        "query", [{"kind": "x' OR 1=1"}, {"before": "abc"}, {"person": "1"}, {"person": MARKUP}]
    )
    def test_ignores_a_damaged_address(self, operator, batch, query):
        assert "Nothing was done yet." in words(history(operator, batch, **query))

    def test_refuses_a_nul(self, operator, batch):
        assert history(operator, batch, case="\x00").status_code == 400

    def test_escapes_what_people_wrote(self, viewer, batch):
        ScanEventFactory(batch=batch, note=MARKUP)

        response = history(viewer, batch, case=MARKUP)

        assert MARKUP not in response.text
        assert MARKUP not in history(viewer, batch).text

    def test_reads_as_much_for_many_as_for_one(self, viewer, batch):
        case = MasterCode.objects.get(batch=batch, case_number=1)
        ScanEventFactory(batch=batch, master_code=case)
        with CaptureQueriesContext(connection) as for_one:
            history(viewer, batch)
        for _ in range(30):
            later = ScanEventFactory(batch=batch, kind="undo")
            ScanEventFactory(batch=batch, master_code=case, undone_by_event=later)

        with CaptureQueriesContext(connection) as for_many:
            history(viewer, batch)

        assert len(for_many) == len(for_one) <= 10


class TestHistoryXlsx:
    def test_sends_strangers_to_the_login(self, client, batch):
        response = client.get(reverse("scan:history-xlsx", args=[batch.pk]))

        assert response["Location"].startswith("/login")

    def test_does_not_hint_at_batches_of_others(self, elsewhere, batch):
        address = reverse("scan:history-xlsx", args=[batch.pk])

        assert elsewhere.get(address).status_code == 404

    def test_has_the_columns_of_the_page(self, operator, batch):
        mark(operator, batch, "2")
        undo(operator, batch)

        header, undone, done = workbook(operator, batch)

        assert header == ["When", "Who", "What", "Case", "Units", "Note", "Undone By", "Undone At"]
        assert undone[1:7] == ["olive", "Undone", 2, 10, "", ""]
        assert done[1:7] == ["olive", "Perfect case", 2, 10, "", "olive"]
        assert done[7].tzinfo is None

    def test_takes_the_filter_of_the_page(self, operator, batch):
        mark(operator, batch, "2")
        mark(operator, batch, "3")

        rows = workbook(operator, batch, case="3", kind="perfect")

        assert [row[3] for row in rows[1:]] == [3]

    def test_holds_all_pages(self, viewer, batch, monkeypatch):
        monkeypatch.setattr("qrtracking.exports.history.PAGE_ROWS", 2)
        for number in range(5):
            ScanEventFactory(batch=batch, unit_count=number)

        assert [row[4] for row in workbook(viewer, batch)[1:]] == [4, 3, 2, 1, 0]

    def test_is_named_after_the_order(self, viewer, batch):
        response = viewer.get(reverse("scan:history-xlsx", args=[batch.pk]))

        assert "History_ORD-HM-1125-02_" in response["Content-Disposition"]
        response.getvalue()

    def test_never_holds_a_formula(self, viewer, batch):
        ScanEventFactory(batch=batch, note="=1+1")

        assert workbook(viewer, batch)[1][5] == "=1+1"


class TestUndo:
    def test_takes_back_the_last_action(self, operator, batch):
        mark(operator, batch, "2")

        text = words(undo(operator, batch))

        assert "Undone: 10 units taken out of Case #2." in text
        assert "0 of 30 units" in text

    def test_says_that_nothing_is_left(self, operator, batch):
        assert "Nothing to undo" in words(undo(operator, batch))
        assert not ScanEvent.objects.exists()

    def test_says_that_the_order_is_locked(self, operator, batch):
        mark(operator, batch, "2")
        MasterCode.objects.filter(batch=batch, case_number=2).update(status="received_warehouse")

        text = words(undo(operator, batch))

        assert "Warehouse intake has begun for this order." in text
        assert ScanEvent.objects.filter(undone_by_event=None).count() == 1

    def test_needs_an_operator(self, viewer, batch):
        assert viewer.post(reverse("scan:undo", args=[batch.pk])).status_code == 403

    def test_is_404_for_others(self, elsewhere, batch):
        address = reverse("scan:undo", args=[batch.pk])

        assert elsewhere.post(address).status_code == 404
        assert elsewhere.post(reverse("scan:undo", args=[uuid.uuid4()])).status_code == 404
