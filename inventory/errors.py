"""What may go wrong, with the exact words that clients of the fixed contract know."""

from accounts.errors import DomainError


class BodyNotJson(DomainError):
    """Invalid JSON format"""

    code = "invalid_json"


class ItemsRequired(DomainError):
    """Items array is required and must not be empty"""

    code = "invalid_request"


class ItemNotAnObject(DomainError):
    """Item is not an object"""

    code = "invalid_request"

    def __init__(self, index: int = 0) -> None:
        super().__init__(f"Item at index {index} is not an object", extra={"index": index})


class ItemNotStorable(DomainError):
    """Item cannot be stored"""

    code = "invalid_request"

    def __init__(self, index: int = 0, reason: str = "it cannot be written") -> None:
        super().__init__(
            f"Item at index {index} cannot be stored: {reason}", extra={"index": index}
        )


class TooManyItems(DomainError):
    """Too many items per request"""

    code = "too_many_items"
    kind = "too_large"

    def __init__(self, most: int = 0) -> None:
        super().__init__(f"At most {most} items per request" if most else None)


class PriorityInvalid(DomainError):
    """Priority must be a whole number from 1 to 10"""

    code = "invalid_request"


class SourceInvalid(DomainError):
    """Source must be text of at most 50 characters"""

    code = "invalid_request"


class MaxRetriesInvalid(DomainError):
    """maxRetries must be a whole number from 0 to 10"""

    code = "invalid_request"


class ValidationInvalid(DomainError):
    """validation must be "warn" or "strict\""""

    code = "invalid_request"


class ScheduledAtInvalid(DomainError):
    """scheduledAt must be an ISO 8601 time with offset, at most 366 days ahead"""

    code = "invalid_request"


class BatchNotFound(DomainError):
    """Batch not found"""

    code = "not_found"
    kind = "not_found"


class BatchClosed(DomainError):
    """Batch is closed"""

    code = "batch_closed"
    kind = "conflict"


class BatchActive(DomainError):
    """Items of this batch are still pending or processing"""

    code = "batch_active"
    kind = "conflict"


class BatchNotUndoable(DomainError):
    """This batch cannot be undone"""

    code = "batch_not_undoable"
    kind = "conflict"


class ItemNotFound(DomainError):
    """Item not found"""

    code = "not_found"
    kind = "not_found"


class ItemNotDue(DomainError):
    """It is not due, or a worker has it in hand"""

    code = "item_not_due"
    kind = "conflict"


class ItemChanged(DomainError):
    """It is not what it was any more: look at it again"""

    code = "item_changed"
    kind = "conflict"


class ItemNotFailed(DomainError):
    """Only a failed item can be corrected"""

    code = "item_not_failed"
    kind = "conflict"


class ItemCorrectedAlready(DomainError):
    """This correction was queued already"""

    code = "item_corrected_already"
    kind = "conflict"

    def __init__(self, item_id: int = 0) -> None:
        super().__init__(
            f"This correction was queued already as item {item_id}" if item_id else None
        )


class BatchNotScheduled(DomainError):
    """No item of this batch waits for a time"""

    code = "batch_not_scheduled"
    kind = "conflict"


class RetryIdsInvalid(DomainError):
    """ids must be a list of at most 10000 whole numbers"""

    code = "invalid_request"


class RetryFilterInvalid(DomainError):
    """batchId and errorCode must be text"""

    code = "invalid_request"


class OlderThanDaysInvalid(DomainError):
    """olderThanDays must be a whole number from 0 to 3650"""

    code = "invalid_request"


class LimitInvalid(DomainError):
    """limit must be a whole number from 1"""

    code = "invalid_request"


class OffsetInvalid(DomainError):
    """offset must be a whole number from 0 to 10000"""

    code = "invalid_request"


class AfterInvalid(DomainError):
    """after must be the nextAfter of an earlier answer"""

    code = "invalid_request"


class DeviceNotFound(DomainError):
    """Device not found"""

    code = "not_found"
    kind = "not_found"


class DeviceAlreadyRemoved(DomainError):
    """Device is already removed"""

    code = "device_removed"
    kind = "conflict"


class DeviceAlreadyActive(DomainError):
    """Device is already in stock"""

    code = "device_active"
    kind = "conflict"


class DeviceAlreadyThere(DomainError):
    """Device is already at this location"""

    code = "device_already_there"
    kind = "conflict"


class LocationInvalid(DomainError):
    """location must be text of 1 to 100 characters"""

    code = "invalid_request"


class LocationUnknown(DomainError):
    """Unknown location"""

    code = "unknown_location"


class ReasonRequired(DomainError):
    """reason is required, at most 500 characters"""

    code = "invalid_request"


class HoursInvalid(DomainError):
    """hours must be a whole number from 1 to 720"""

    code = "invalid_request"


class RuleExists(DomainError):
    """There is one with this name or TAC already"""

    code = "rule_exists"
    kind = "conflict"


class GroupsInvalid(DomainError):
    """by must be location, sku or both"""

    code = "invalid_request"


class ExportNotFound(DomainError):
    """Export not found"""

    code = "not_found"
    kind = "not_found"


class ExportFileMissing(DomainError):
    """The file is no longer there. Start a new export"""

    code = "file_missing"
    kind = "not_found"


class ExportNotReady(DomainError):
    """The file is not written yet"""

    code = "export_not_ready"
    kind = "conflict"


class FormatInvalid(DomainError):
    """format must be json, csv or xlsx"""

    code = "invalid_request"


class ExportInvalid(DomainError):
    """kind must be devices, stock or items; format xlsx or csv"""

    code = "invalid_request"


class TacFileInvalid(DomainError):
    """The file needs the columns tac, brand and model, and a TAC has 8 digits"""

    code = "tac_file_invalid"


class SchemaInvalid(DomainError):
    """The schema cannot be used"""

    code = "schema_invalid"


class NothingSuggested(DomainError):
    """No model is suggested for this device"""

    code = "nothing_suggested"
    kind = "conflict"


class ImportNotFound(DomainError):
    """Import not found"""

    code = "not_found"
    kind = "not_found"


class ImportRepeated(DomainError):
    """This file was imported before. Import again?"""

    code = "import_repeated"
    kind = "conflict"


class ImportNotReady(DomainError):
    """This import cannot be changed now"""

    code = "import_not_ready"
    kind = "conflict"


class NothingToQueue(DomainError):
    """No row of this file can be queued"""

    code = "nothing_to_queue"
    kind = "conflict"


class ImportFileEmpty(DomainError):
    """The file has no rows"""

    code = "file_empty"


class ImportFileMissing(DomainError):
    """The file is no longer there. Send it again"""

    code = "file_missing"


class MappingInvalid(DomainError):
    """The mapping must name columns of the file and fields"""

    code = "mapping_invalid"


class AnswerInvalid(DomainError):
    """This is no answer to the question of the import"""

    code = "answer_invalid"


class ScanRefReused(DomainError):
    """This page has sent another phone under the same number. Reload it and scan again"""

    code = "scan_ref_reused"
    kind = "conflict"


class ScanUnfinished(DomainError):
    """The phone is stored, and not in stock yet: the database is busy. Scan it again in a moment"""

    code = "scan_unfinished"
    kind = "conflict"


class NothingToUndo(DomainError):
    """There is no scan of yours to take back"""

    code = "nothing_to_undo"
    kind = "conflict"


class LastScanChanged(DomainError):
    """Your last scan is another one by now. Look at the list, then press Undo last again"""

    code = "last_scan_changed"
    kind = "conflict"


class ScanChangedSince(DomainError):
    """This phone was changed after your scan: nothing was taken back"""

    code = "scan_changed_since"
    kind = "conflict"
