"""How requests and answers of the queue's contract look, for the description of the API."""

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

Field = serializers.Field[Any, Any, Any, Any]


def shape(name: str, /, **fields: Field) -> Any:
    """A serializer by its fields; names such as `data` could not be attributes of a class."""
    return inline_serializer(name, fields=dict(fields))


def text(**options: Any) -> Field:
    return serializers.CharField(**options)


def number(**options: Any) -> Field:
    return serializers.IntegerField(**options)


def moment(**options: Any) -> Field:
    return serializers.DateTimeField(**options)


def flag(**options: Any) -> Field:
    return serializers.BooleanField(**options)


def texts() -> Field:
    return serializers.ListField(child=serializers.CharField())


def anything() -> Field:
    return serializers.DictField(child=serializers.JSONField())


def success(name: str, data: Field, /, **more: Field) -> Any:
    return shape(name, success=flag(), data=data, **more)


AddRequest = shape(
    "QueueAddRequest",
    items=serializers.ListField(child=anything(), min_length=1),
    source=text(max_length=50, required=False, default="bulk-add"),
    priority=number(min_value=1, max_value=10, required=False, default=5),
    batchId=text(required=False, help_text="Joins this batch."),
    maxRetries=number(min_value=0, max_value=10, required=False),
    validation=serializers.ChoiceField(["warn", "strict"], required=False),
    scheduledAt=moment(required=False),
    undoable=flag(required=False, default=False),
)
AddAnswer = success(
    "QueueAddAnswer",
    shape(
        "QueueAdded",
        processed=number(),
        errors=texts(),
        batchId=text(),
        added=number(),
        warnings=serializers.ListField(
            child=shape(
                "QueueAddWarning", index=number(required=False), code=text(), message=text()
            )
        ),
        warningsTruncated=flag(required=False),
    ),
    message=text(),
)
StatsAnswer = success(
    "QueueStatsAnswer",
    shape(
        "QueueStats",
        totalItems=number(),
        pendingItems=number(),
        processingItems=number(),
        completedItems=number(),
        failedItems=number(),
        avgProcessingTime=text(allow_null=True, help_text="HH:MM:SS.ff"),
        oldestPendingItem=moment(required=False),
        delayedItems=number(),
        stuckItems=number(),
        isProcessing=flag(),
        desiredState=text(),
    ),
)
StatusAnswer = success(
    "QueueStatusAnswer",
    shape(
        "QueueStatus",
        desiredState=text(),
        pausedByStaff=flag(),
        isProcessing=flag(),
        changedBy=text(allow_null=True),
        changedAt=moment(allow_null=True),
        drains=serializers.ListField(
            child=shape(
                "QueueDrainState",
                lane=number(),
                status=text(),
                startedAt=moment(allow_null=True),
                completed=number(),
                failed=number(),
            )
        ),
        itemsPerMinute=serializers.FloatField(),
        dueItems=number(),
        delayedItems=number(),
        stuckItems=number(),
        health=shape("QueueHealth", level=text(), warnings=texts()),
    ),
)
AttemptAnswer = success(
    "QueueAttemptAnswer",
    shape(
        "QueueAttempt",
        processed=number(),
        errors=texts(),
        item=shape(
            "QueueAttemptItem",
            id=number(),
            imei=text(allow_null=True),
            status=text(),
            retryCount=number(),
            errorMessage=text(allow_null=True),
            errorCode=text(allow_null=True),
        ),
    ),
    message=text(),
)


def item_fields() -> dict[str, Field]:
    return {
        "id": number(),
        "rawData": anything(),
        "status": text(),
        "priority": number(),
        "retryCount": number(),
        "maxRetries": number(),
        "source": text(required=False),
        "batchId": text(required=False),
        "errorMessage": text(required=False),
        "createdAt": moment(),
        "updatedAt": moment(),
        "processedAt": moment(required=False),
        "imei": text(required=False),
        "errorCode": text(required=False),
        "startedAt": moment(required=False),
        "nextAttemptAt": moment(required=False),
        "warnings": serializers.ListField(child=anything(), required=False),
    }


ItemsAnswer = success(
    "QueueItemsAnswer",
    serializers.ListField(child=shape("QueueItem", **item_fields())),
    count=number(),
    total=number(),
    totalCapped=flag(required=False),
    nextAfter=text(required=False),
)
ItemAnswer = success(
    "QueueItemAnswer",
    shape(
        "QueueItemDetail",
        **item_fields(),
        archived=flag(),
        device=shape(
            "QueueItemDevice",
            imei=text(),
            name=text(),
            brand=text(),
            model=text(),
            sku=text(allow_null=True),
            location=text(),
            workingStatus=text(),
        ),
        log=serializers.ListField(
            child=shape(
                "QueueLogLine",
                action=text(),
                message=text(allow_null=True),
                error=text(required=False),
                errorCode=text(required=False),
                createdAt=moment(),
            )
        ),
    ),
)
RetryRequest = shape(
    "QueueRetryRequest",
    ids=serializers.ListField(child=number(), max_length=10_000, required=False),
    batchId=text(required=False),
    errorCode=text(required=False),
)
CountAnswer = success(
    "QueueCountAnswer",
    shape("QueueCounted", processed=number(), errors=texts(), remaining=number()),
    message=text(),
)
BatchAnswer = success(
    "QueueBatchAnswer",
    shape(
        "QueueBatchState",
        id=number(),
        batchId=text(),
        source=text(),
        totalItems=number(),
        processedItems=number(),
        failedItems=number(),
        status=text(),
        startedAt=moment(),
        completedAt=moment(allow_null=True),
        createdAt=moment(),
        updatedAt=moment(),
        statusCounts=serializers.DictField(child=serializers.IntegerField()),
        progress=serializers.FloatField(),
        priority=number(),
        scheduledAt=moment(allow_null=True),
        undoneAt=moment(allow_null=True),
    ),
)
ControlAnswer = success(
    "QueueControlAnswer",
    shape("QueueControlState", desiredState=text(), changedAt=moment(allow_null=True)),
    message=text(),
)
