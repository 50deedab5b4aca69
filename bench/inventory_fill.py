"""Fills the tables of the queue and of the stock: by INSERT … SELECT, the queue with its triggers on.

Rows come from numbers: phones of 500 types (TACs), completed ones and devices beginning with 36.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.database import execute
from bench.inventory_site import PLACES, Warehouse, phone

CHUNK = 100_000
LARGE_BATCH = "batch_large"
RARE_SOURCE = "rare"
CODES = ["imei_missing", "imei_length", "imei_not_numeric", "cancelled", "database_error"]

# A type, and a number in it: 13 digits.
DIGITS = "lpad((n %% 500)::text, 6, '0') || lpad((n %% 10000000)::text, 7, '0')"
# Most come with priority 5; rows of one batch have one time, as those of one POST.
_ITEMS = f"""
    INSERT INTO imei_data_queue (organization_id, raw_data, status, priority, retry_count, source,
        batch_id, error_message, imei_norm, error_code, run_after, created_at, started_at,
        processed_at, locked_at, lease_token)
    SELECT %(organization)s,
        %(raw)s::jsonb || jsonb_build_object('imei', imei, 'serialNumber', 'SN' || n),
        %(status)s, CASE n %% 10 WHEN 0 THEN 1 WHEN 1 THEN 10 ELSE 5 END, 0,
        CASE WHEN n %% 100000 = 7 THEN 'rare' WHEN n %% 7 = 3 THEN 'scan' ELSE 'bulk-add' END,
        coalesce(%(batch)s, 'batch_' || n / 10000), CASE WHEN %(status)s = 'failed'
            THEN 'Something is wrong with it' END,
        imei, CASE WHEN %(status)s = 'failed'
            THEN (%(codes)s::text[])[1 + n %% cardinality(%(codes)s::text[])] END,
        CASE WHEN %(is_delayed)s THEN now() + interval '1 day' END,
        posted_at, CASE WHEN %(status)s <> 'pending' THEN posted_at + interval '10 s' END,
        CASE WHEN %(status)s IN ('completed', 'failed') THEN posted_at + interval '11 s' END,
        -- Nobody takes these over while we measure.
        CASE WHEN %(status)s = 'processing' THEN now() + interval '1 hour' END,
        CASE WHEN %(status)s = 'processing' THEN gen_random_uuid() END
    FROM (
        SELECT n, %(prefix)s || {DIGITS} AS imei,
            now() - interval '30 days' + make_interval(secs => n / 10000) AS posted_at
        FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
    ) AS numbered
"""
_BATCHES = """
    INSERT INTO queue_batch (organization_id, batch_id, source, total_items, processed_items,
        failed_items, status, created_at, started_at, completed_at, created_by)
    SELECT %(organization)s, 'batch_' || n, CASE WHEN n %% 10 = 3 THEN 'scan' ELSE 'bulk-add' END,
        10000, 5000, 5000, 'completed', at, at, at + interval '1 minute', %(actor)s
    FROM (
        SELECT n, now() - interval '1 year' + make_interval(secs => n * 30) AS at
        FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
    ) AS numbered
"""
_LARGE_BATCH = """
    INSERT INTO queue_batch (organization_id, batch_id, total_items, processed_items, failed_items)
    VALUES (%(organization)s, 'batch_large', %(items)s, 0, 0)
"""
_LOG = """
    INSERT INTO queue_processing_log (organization_id, queue_item_id, action, message)
    SELECT %(organization)s, item.id, action, 'Item ' || action
    FROM imei_data_queue AS item CROSS JOIN (VALUES ('processing'), ('completed')) AS said (action)
    WHERE item.status = 'completed'
"""
_ARCHIVE = f"""
    INSERT INTO imei_data_log (organization_id, queue_id, imei, source, batch_id, raw_data,
        processing_status, error_code, processing_time_ms, created_at, processed_at, archived_at)
    SELECT %(organization)s, 1000000000 + n, '37' || {DIGITS}, 'bulk-add',
        'batch_' || n / 10000, %(raw)s::jsonb, CASE n %% 50 WHEN 0 THEN 'failed'
            ELSE 'completed' END, CASE n %% 50 WHEN 0 THEN 'imei_length' END, 900,
        at, at + interval '1 minute', at + interval '30 days'
    FROM (
        SELECT n, now() - interval '300 days' + make_interval(secs => n) AS at
        FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
    ) AS numbered
"""
_SLICES = """
    INSERT INTO queue_slice (organization_id, finished_at, source, claimed, completed, failed,
        wait_ms_sum, wait_ms_max, run_ms)
    SELECT %(organization)s, now() - make_interval(secs => n * 120), CASE WHEN n %% 10 = 3
        THEN 'scan' ELSE 'bulk-add' END, 200, 198, 2, 200000, 2000, 100
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
"""
# A device is known by its number, so that its parts find it.
_DEVICES = [
    f"""
    INSERT INTO item (id, organization_id, imei, luhn_valid, name, sku, description, status,
        assumed, last_batch_id, updated_at)
    SELECT %(base)s + n, %(organization)s, '36' || {DIGITS}, n %% 50 <> 0,
        'iPhone ' || n %% 40, 'IPHONE' || n %% 40 || '-128-BLU', 'Apple iPhone',
        CASE n %% 100 WHEN 0 THEN 'removed' ELSE 'active' END,
        CASE n %% 20 WHEN 0 THEN ARRAY['color', 'model'] ELSE ARRAY[]::text[] END, 'batch_' || n / 10000,
        now() - interval '30 days' + make_interval(secs => n)
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
    """,
    """
    INSERT INTO imei_sku_info (item_id, organization_id, imei, tac, sku, sku_source, brand, model,
        storage, color, carrier)
    SELECT id, organization_id, imei, left(imei, 8), sku, 'generated', 'Apple', name, '128GB',
        'Blue', 'Unlocked'
    FROM item WHERE id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
    """,
    """
    INSERT INTO imei_inspect_data (item_id, organization_id, imei, working_status, battery_health,
        screen_condition, body_condition)
    SELECT id, organization_id, imei, CASE id %% 10 WHEN 0 THEN 'NO' WHEN 1 THEN 'PENDING'
        ELSE 'YES' END, 80 + id %% 20, 'Good', 'Good'
    FROM item WHERE id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
    """,
    """
    INSERT INTO imei_units (item_id, organization_id, imei, unit_name, serial_number)
    SELECT id, organization_id, imei, name, 'SN' || lpad((id - %(base)s)::text, 9, '0')
    FROM item WHERE id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
    """,
    """
    INSERT INTO inventory (organization_id, item_id, imei, location_id, status)
    SELECT organization_id, id, imei, (%(places)s::bigint[])[1 + id %% cardinality(
        %(places)s::bigint[])], CASE status WHEN 'removed' THEN 'removed' ELSE 'in_stock' END
    FROM item WHERE id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
    """,
    """
    INSERT INTO movement (organization_id, item_id, imei, to_location_id, reason, created_at)
    SELECT organization_id, id, imei, (%(places)s::bigint[])[1], 'intake', updated_at
    FROM item WHERE id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
    """,
    """
    INSERT INTO device_test (organization_id, item_id, imei, test_result, working, tested_at)
    SELECT organization_id, id, imei, 'PASSED', 'YES', updated_at
    FROM item WHERE id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
    """,
]
STOCK = (
    "item", "imei_sku_info", "imei_inspect_data", "imei_units", "inventory", "movement",
    "device_test",
)  # fmt: skip
TABLES = (
    *STOCK, "imei_data_queue", "queue_count", "queue_batch", "queue_processing_log",
    "imei_data_log", "queue_slice", "location", "tac_model",
)  # fmt: skip


def chunks(first: int, count: int) -> Iterator[tuple[int, int]]:
    for start in range(first, first + count, CHUNK):
        yield start, min(start + CHUNK, first + count) - 1


def fill(statement: str, warehouse: Warehouse, first: int, count: int, **more: Any) -> None:
    for low, high in chunks(first, count):
        execute(
            statement,
            {"organization": warehouse.organization.pk, "first": low, "last": high, **more},
        )


def fill_items(
    warehouse: Warehouse,
    first: int,
    count: int,
    *,
    status: str = "pending",
    batch: str | None = None,
    is_delayed: bool = False,
) -> None:
    raw, prefix = json.dumps(phone(1)), "36" if status == "completed" else "35"
    fill(
        _ITEMS, warehouse, first, count,
        status=status, batch=batch, is_delayed=is_delayed, raw=raw, codes=CODES, prefix=prefix,
    )  # fmt: skip


def fill_beside(warehouse: Warehouse, rows: int) -> int:
    """What has ended, waits for later or is in hand, beside the pending; returns their number."""
    ended, failed, large, delayed = rows // 5, rows // 20, rows // 10, rows // 100
    fill_items(warehouse, 1, ended, status="completed")
    first = 2 * rows
    fill_items(warehouse, first, failed, status="failed")
    first += failed
    execute(_LARGE_BATCH, {"organization": warehouse.organization.pk, "items": large})
    fill_items(warehouse, first, large, batch=LARGE_BATCH)
    fill_items(warehouse, first + large, delayed, is_delayed=True)
    fill_items(warehouse, first + large + delayed, 200, status="processing", batch=LARGE_BATCH)
    execute(_LOG, {"organization": warehouse.organization.pk})
    fill(_ARCHIVE, warehouse, 1, ended, raw=json.dumps(phone(1)))
    fill(_SLICES, warehouse, 1, 20_000)
    fill(_BATCHES, warehouse, 1, rows, actor=warehouse.actor.pk)
    return ended + failed + large + delayed + 200


def fill_devices(warehouse: Warehouse, rows: int) -> None:
    from inventory.models import Device

    base = 1 + (Device.objects.order_by("-id").values_list("id", flat=True).first() or 0)
    places = make_places(warehouse)
    with foreign_keys_off(*STOCK):
        for statement in _DEVICES:
            fill(statement, warehouse, 1, rows, base=base, places=places)
    execute("SELECT setval(pg_get_serial_sequence('item', 'id'), max(id)) FROM item")


def make_places(warehouse: Warehouse) -> list[int]:
    from inventory.services.places import Place, find_places

    wanted = [Place(None, f"Shelf {number}") for number in range(PLACES)]
    found = find_places(organization_id=warehouse.organization.pk, wanted=wanted)
    return list(found.ids.values())


@contextmanager
def foreign_keys_off(*tables: str) -> Iterator[None]:
    """Seventeen look-ups a device that are right by construction. New rows are checked again."""
    keys = read_foreign_keys(tables)
    for table, name, _ in keys:
        execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    for table, name, definition in keys:
        execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition} NOT VALID")


def read_foreign_keys(tables: tuple[str, ...]) -> list[tuple[str, str, str]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
            FROM pg_constraint
            WHERE contype = 'f' AND conrelid::regclass::text = ANY (%s)
            """,
            [list(tables)],
        )
        return list(cursor.fetchall())
