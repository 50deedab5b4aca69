"""What the queue's contract answers: its names, its texts, and which keys are left out when empty."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from inventory.models import ProcessingLog, QueueArchive, QueueDrain, QueueItem
from inventory.selectors.batches import as_text
from inventory.selectors.control import Control
from inventory.selectors.items import DeviceSummary, ItemDetail, ItemPage
from inventory.selectors.queue import QueueStats, QueueStatus
from inventory.services.adding import Added
from inventory.services.clearing import Cleared
from inventory.services.next_item import Attempt
from inventory.services.retrying import Retried

Body = dict[str, Any]


def present(fields: Mapping[str, Any]) -> Body:
    """Only the fields that say something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def added_body(result: Added) -> Body:
    warnings = [present(asdict(warning)) for warning in result.warnings]
    data: Body = {
        "processed": 0,
        "errors": [],
        "batchId": result.batch.batch_id,
        "added": result.added,
        "warnings": warnings,
    }
    if result.is_truncated:
        data["warningsTruncated"] = True
    message = f"Added {result.added} items to queue. {_when(result)}"
    return {"success": True, "data": data, "message": message}


def _when(result: Added) -> str:
    if result.is_stopped:
        return "Processing is stopped."
    if result.starts_at is not None:
        return f"Processing starts at {as_text(result.starts_at)}."
    return "Processing started."


def stats_body(stats: QueueStats) -> Body:
    oldest = {"oldestPendingItem": as_text(stats.oldest_pending_at)}
    data = {
        "totalItems": stats.total,
        "pendingItems": stats.pending,
        "processingItems": stats.processing,
        "completedItems": stats.completed,
        "failedItems": stats.failed,
        "avgProcessingTime": stats.average_time,
        **present(oldest),
        "delayedItems": stats.delayed,
        "stuckItems": stats.stuck,
        "isProcessing": stats.is_processing,
        "desiredState": stats.desired_state,
    }
    return {"success": True, "data": data}


def attempt_body(attempt: Attempt) -> Body:
    item = attempt.item
    if item is None:
        return _worked(0, [], "No items to process")
    if attempt.is_completed:
        body = _worked(1, [], f"Successfully processed item {item.pk}")
    else:
        text = f"Failed to process item {item.pk}"
        body = _worked(0, [text], text)
    body["data"]["item"] = {
        "id": item.pk,
        "imei": item.imei_norm,
        "status": item.status,
        "retryCount": item.retry_count,
        "errorMessage": item.error_message,
        "errorCode": item.error_code,
    }
    return body


def _worked(processed: int, errors: list[str], message: str) -> Body:
    return {
        "success": True,
        "data": {"processed": processed, "errors": errors},
        "message": message,
    }


def retried_body(result: Retried) -> Body:
    message = "No failed items to retry"
    if result.processed:
        stopped = " items. Processing is stopped." if result.is_stopped else " items"
        message = f"Retried {result.processed}{stopped}"
    return _counted(result.processed, result.remaining, message)


def cleared_body(result: Cleared) -> Body:
    message = f"Cleared {result.processed} completed items"
    return _counted(result.processed, result.remaining, message)


def _counted(processed: int, remaining: int, message: str) -> Body:
    data = {"processed": processed, "errors": [], "remaining": remaining}
    return {"success": True, "data": data, "message": message}


def control_body(control: Control) -> Body:
    data = {"desiredState": control.desired_state, "changedAt": as_text(control.changed_at)}
    state = "stopped" if control.is_stopped else "started"
    return {"success": True, "data": data, "message": f"Queue processing {state}"}


def status_body(status: QueueStatus) -> Body:
    stats = status.stats
    data = {
        "desiredState": stats.desired_state,
        "pausedByStaff": status.is_paused_by_staff,
        "isProcessing": stats.is_processing,
        "changedBy": status.changed_by.get_username() if status.changed_by else None,
        "changedAt": as_text(status.changed_at),
        "drains": [_drain(drain) for drain in status.drains],
        "itemsPerMinute": status.items_per_minute,
        "dueItems": stats.due,
        "delayedItems": stats.delayed,
        "stuckItems": stats.stuck,
        "health": {"level": status.health.level, "warnings": list(status.health.warnings)},
    }
    return {"success": True, "data": data}


def _drain(drain: QueueDrain) -> Body:
    return {
        "lane": drain.lane,
        "status": drain.status,
        "startedAt": as_text(drain.started_at),
        "completed": drain.completed,
        "failed": drain.failed,
    }


def page_body(page: ItemPage) -> Body:
    rows = [item_row(item) for item in page.items]
    body: Body = {"success": True, "data": rows, "count": len(rows), "total": page.total}
    if page.is_capped:
        body["totalCapped"] = True
    if page.next_after is not None:
        body["nextAfter"] = page.next_after
    return body


def item_row(item: QueueItem) -> Body:
    optional = {
        "source": item.source,
        "batchId": item.batch_id,
        "errorMessage": item.error_message,
        "processedAt": as_text(item.processed_at),
        "imei": item.imei_norm,
        "errorCode": item.error_code,
        "startedAt": as_text(item.started_at),
        "nextAttemptAt": as_text(item.run_after),
        "warnings": item.warnings,
    }
    return {
        "id": item.pk,
        "rawData": item.raw_data,
        "status": item.status,
        "priority": item.priority,
        "retryCount": item.retry_count,
        "maxRetries": item.max_retries,
        "createdAt": as_text(item.created_at),
        "updatedAt": as_text(item.updated_at),
        **present(optional),
    }


def detail_body(detail: ItemDetail) -> Body:
    if detail.item is not None:
        data = item_row(detail.item)
    else:
        data = _archived_row(detail.archived) if detail.archived is not None else {}
    data["archived"] = detail.item is None
    if detail.device is not None:
        data["device"] = _device(detail.device)
    data["log"] = [_log_line(line) for line in detail.log]
    return {"success": True, "data": data}


def _archived_row(row: QueueArchive) -> Body:
    """The archive keeps what happened, and no longer how the item stood in the queue."""
    optional = {
        "source": row.source,
        "batchId": row.batch_id,
        "errorMessage": row.error_message,
        "processedAt": as_text(row.processed_at),
        "imei": row.imei,
        "errorCode": row.error_code,
    }
    return {
        "id": row.queue_id,
        "rawData": row.raw_data,
        "status": row.processing_status,
        "createdAt": as_text(row.created_at),
        "updatedAt": as_text(row.archived_at),
        **present(optional),
    }


def _device(device: DeviceSummary) -> Body:
    return {
        "imei": device.imei,
        "name": device.name,
        "brand": device.brand,
        "model": device.model,
        "sku": device.sku,
        "location": device.location,
        "workingStatus": device.working_status,
    }


def _log_line(line: ProcessingLog) -> Body:
    return {
        "action": line.action,
        "message": line.message,
        **present({"error": line.error, "errorCode": line.error_code}),
        "createdAt": as_text(line.created_at),
    }
