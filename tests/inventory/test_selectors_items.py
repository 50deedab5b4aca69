import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.errors import AfterInvalid, ItemNotFound, LimitInvalid, OffsetInvalid
from inventory.models import ProcessingLog, QueueItem
from inventory.selectors import items as item_selectors
from inventory.selectors.items import (
    ItemFilter,
    get_item,
    list_items,
    read_limit,
    read_offset,
)
from inventory.services.clearing import clear_completed
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import A, add, phones, process

pytestmark = pytest.mark.django_db


def ids(page):
    return [item.pk for item in page.items]


class TestListItems:
    def test_gives_every_status_in_queue_order(self, organization):
        add(organization, *phones(1, 4), {"imei": "12"})
        process(organization)
        add(organization, *phones(1, 3), priority=1)
        add(OrganizationFactory(), *phones(1, 3))

        page = list_items(organization.pk, ItemFilter())

        mine = QueueItem.objects.filter(organization=organization)
        assert page.items == list(mine.order_by("priority", "created_at", "id"))
        assert (page.total, page.is_capped, page.next_after) == (6, False, None)

    def test_goes_on_where_a_page_ended(self, organization):
        add(organization, *phones(1, 4), priority=9)
        process(organization, limit=2)
        add(organization, *phones(1, 5))
        everything = ids(list_items(organization.pk, ItemFilter()))

        seen, after = [], None
        while True:
            page = list_items(organization.pk, ItemFilter(), limit=2, after=after)
            seen += ids(page)
            after = page.next_after
            if after is None:
                break

        assert seen == everything
        assert ids(list_items(organization.pk, ItemFilter(), limit=3, offset=2)) == seen[2:5]

    def test_filters(self, organization):
        batch = add(organization, {"imei": A}, {"imei": "12"}, source="api")
        add(organization, *phones(1, 3))
        process(organization)
        first, second, *_ = QueueItem.objects.order_by("id").values_list("id", flat=True)

        def found(**conditions):
            page = list_items(organization.pk, ItemFilter(**conditions))
            assert page.total == len(page.items)
            return ids(page)

        assert found(status="failed") == [second]
        assert found(batch_id=batch.batch_id) == [first, second]
        assert found(source="api") == [first, second]
        assert found(source="api", status="completed") == [first]
        assert found(imei=f"IMEI: {A[:2]}-{A[2:]}") == [first]
        for nothing in ("foo", "a\0"):
            assert found(status=nothing) == []
            assert found(batch_id=nothing) == []
            assert found(imei=nothing) == []

    def test_counts_no_further_than_it_must(self, organization, monkeypatch):
        monkeypatch.setattr(item_selectors, "COUNTED", 3)
        add(organization, *phones(1, 6), source="api")

        page = list_items(organization.pk, ItemFilter(source="api"), limit=1)

        assert (page.total, page.is_capped) == (3, True)

    def test_asks_for_few_statements(self, organization):
        add(organization, *phones(1, 30))
        with CaptureQueriesContext(connection) as queries:
            list_items(organization.pk, ItemFilter())

        assert len(queries) <= 3

    def test_does_not_count_what_the_page_has_shown(self, organization):
        add(organization, *phones(1, 6), source="api")

        def look(**place):
            with CaptureQueriesContext(connection) as queries:
                page = list_items(organization.pk, ItemFilter(source="api"), **place)
            return page.total, len(queries)

        assert look() == (5, 2)
        assert look(offset=3) == (5, 2)
        assert look(limit=2) == (5, 3)
        assert look(offset=7)[0] == 5
        first = list_items(organization.pk, ItemFilter(source="api"), limit=2)
        assert look(after=first.next_after)[0] == 5

    @pytest.mark.parametrize("after", ["x", "AAAA", "\u00e4", "NSAyMDI2IDE", "=" * 300])
    def test_refuses_what_it_did_not_give(self, organization, after):
        with pytest.raises(AfterInvalid):
            list_items(organization.pk, ItemFilter(), after=after)


class TestReadLimit:
    @pytest.mark.parametrize(
        ("asked", "limit"), [(None, 100), ("", 100), ("1", 1), ("1000", 1000), ("999999", 1000)]
    )
    def test_gives_a_number(self, asked, limit):
        assert read_limit(asked) == limit

    @pytest.mark.parametrize("asked", ["abc", "-1", "0", "1.5", "\u0661"])
    def test_refuses_what_is_none(self, asked):
        with pytest.raises(LimitInvalid):
            read_limit(asked)


class TestReadOffset:
    def test_gives_a_number(self):
        assert (read_offset(None), read_offset("10000")) == (0, 10_000)

    @pytest.mark.parametrize("asked", ["abc", "-1", "10001", "1.5"])
    def test_refuses_what_is_none(self, asked):
        with pytest.raises(OffsetInvalid):
            read_offset(asked)


class TestGetItem:
    def test_tells_log_and_device(self, organization):
        add(organization, {"imei": A, "model": "iPhone 13", "brand": "Apple", "location": "L1"})
        process(organization)
        item = QueueItem.objects.get()

        detail = get_item(organization.pk, item.pk)

        assert (detail.item, detail.archived) == (item, None)
        assert [line.action for line in detail.log] == ["processing", "completed"]
        device = detail.device
        assert (device.imei, device.brand, device.location) == (A, "Apple", "L1")
        assert (device.sku, device.working_status) == ("IPHONE13", "PENDING")

    def test_finds_it_in_the_archive(self, organization):
        add(organization, {"imei": A})
        process(organization)
        item = QueueItem.objects.get()
        clear_completed(organization_id=organization.pk)

        detail = get_item(organization.pk, item.pk)

        assert detail.item is None
        assert detail.archived.raw_data == {"imei": A}
        assert detail.log[-1].action == "cleared"
        assert detail.device.imei == A

    def test_shows_the_newest_lines_only(self, organization):
        add(organization, {"imei": A})
        item = QueueItem.objects.get()
        ProcessingLog.objects.bulk_create(
            ProcessingLog(
                organization=organization, queue_item_id=item.pk, action="retry", message=str(n)
            )
            for n in range(205)
        )

        log = get_item(organization.pk, item.pk).log

        assert [log[0].message, log[-1].message] == ["5", "204"]

    @pytest.mark.parametrize("item_id", [0, -1, 2**63, 2**80])
    def test_knows_no_others(self, organization, item_id):
        with pytest.raises(ItemNotFound, match=r"^Item not found$"):
            get_item(organization.pk, item_id)

    def test_knows_nobody_elses(self, organization):
        add(OrganizationFactory(), {"imei": A})

        with pytest.raises(ItemNotFound):
            get_item(organization.pk, QueueItem.objects.get().pk)
