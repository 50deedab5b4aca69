import pytest

from inventory.models import Device, StockEntry, Warehouse
from inventory.selectors.stock import StockSum, add_up, sum_stock
from tests.accounts.factories import OrganizationFactory
from tests.inventory.factories import add, phones, process

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    organization = OrganizationFactory()
    Warehouse.objects.create(organization=organization, name="North", name_key="north")
    extras = [
        {"location": "L1", "sku": "B", "working": "YES"},
        {"location": "L1", "sku": "A", "working": "NO"},
        {"location": "L1"},
        {"location": "L2", "sku": "A", "working": "YES"},
        {"location": "L1", "sku": "A", "warehouse": "North"},
        {"location": "L1", "sku": "gone"},
    ]
    add(organization, *[{**p, **extra} for p, extra in zip(phones(1, 7), extras, strict=True)])
    add(OrganizationFactory(), *phones(1, 3))
    process(organization)
    gone = Device.objects.filter(organization=organization, sku="gone")
    StockEntry.objects.filter(item__in=gone).update(status="removed")
    return organization


def rows_of(organization, **options):
    return [
        (row.warehouse, row.location, row.sku, row.in_stock, row.passed, row.failed, row.pending)
        for row in sum_stock([organization.pk], **options)
    ]


class TestSumStock:
    def test_counts_by_place_by_sku_and_by_both(self, organization):
        assert rows_of(organization, by=["location"]) == [
            ("Main warehouse", "L1", None, 3, 1, 1, 1),
            ("Main warehouse", "L2", None, 1, 1, 0, 0),
            ("North", "L1", None, 1, 0, 0, 1),
        ]
        assert rows_of(organization, by=["sku"]) == [
            (None, None, "A", 3, 1, 1, 1),
            (None, None, "B", 1, 1, 0, 0),
            (None, None, None, 1, 0, 0, 1),
        ]
        assert rows_of(organization)[:3] == [
            ("Main warehouse", "L1", "A", 1, 0, 1, 0),
            ("Main warehouse", "L1", "B", 1, 1, 0, 0),
            ("Main warehouse", "L1", None, 1, 0, 0, 1),
        ]

    def test_counts_one_warehouse(self, organization):
        assert rows_of(organization, by=["location"], warehouse=" NORTH") == [
            ("North", "L1", None, 1, 0, 0, 1)
        ]
        assert rows_of(organization, warehouse="South") == []


class TestAddUp:
    def test_gives_one_sum(self, organization):
        sums = sum_stock([organization.pk])

        assert add_up(sums) == StockSum(in_stock=5, passed=2, failed=1, pending=2)
        assert add_up([]) == StockSum(in_stock=0, passed=0, failed=0, pending=0)
