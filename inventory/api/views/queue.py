"""`/api/hybrid-queue`: adding phones, working them off, looking at them. A fixed contract."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.errors import Problem
from accounts.api.schema import IDEMPOTENCY_KEY
from inventory.api import answers, wire
from inventory.api.add_bodies import AddBody
from inventory.api.views.base import QueueView, failure_data
from inventory.errors import BodyNotJson, ItemNotFound
from inventory.selectors.batches import get_batch, get_batch_data
from inventory.selectors.items import ItemFilter, get_item, list_items, read_limit, read_offset
from inventory.selectors.queue import get_stats, get_status
from inventory.services.adding import add_items
from inventory.services.clearing import clear_completed
from inventory.services.control import start_queue, stop_queue
from inventory.services.next_item import process_next
from inventory.services.retrying import retry_failed

WRITE = [IDEMPOTENCY_KEY]


class AddView(QueueView):
    # The phones and the answer that is kept for the key commit together, or not at all.
    idempotency_atomic: ClassVar[bool] = True
    is_open: ClassVar[bool] = True

    @extend_schema(
        request=answers.AddRequest, responses=answers.AddAnswer, parameters=WRITE, tags=["queue"]
    )
    def post(self, request: Request) -> Response:
        """Queue up to 250,000 phones; they are worked off in the background."""
        self.require_json()
        body = AddBody(self.body.open())
        options = body.options
        added = add_items(
            organization_id=self.caller.organization_id,
            actor=self.caller.actor,
            items=body.items(),
            source=options.get("source"),
            priority=options.get("priority"),
            batch_id=options.get("batchId"),
            max_retries=options.get("maxRetries"),
            validation=options.get("validation"),
            scheduled_at=options.get("scheduledAt"),
            undoable=options.get("undoable") is True,
            now=timezone.now(),
        )
        return Response(wire.added_body(added))

    def describe_failure(self, problem: Problem) -> dict[str, Any]:
        text = problem.error
        return {"message": f"Failed to add items to queue: {text}", **failure_data(text)}


class StatsView(QueueView):
    @extend_schema(responses=answers.StatsAnswer, tags=["queue"])
    def get(self, request: Request) -> Response:
        """The queue in numbers; cheap enough to ask every second."""
        return Response(wire.stats_body(get_stats(self.caller.organization_id)))


class StatusView(QueueView):
    @extend_schema(responses=answers.StatusAnswer, tags=["queue"])
    def get(self, request: Request) -> Response:
        """Whether the queue runs, who works on it, and whether it needs somebody's attention."""
        return Response(wire.status_body(get_status(self.caller.organization_id)))


class ProcessNextView(QueueView):
    is_open: ClassVar[bool] = True

    @extend_schema(request=None, responses=answers.AttemptAnswer, parameters=WRITE, tags=["queue"])
    def post(self, request: Request) -> Response:
        """Work off the first due item now, also while the queue is stopped."""
        return Response(
            wire.attempt_body(process_next(organization_id=self.caller.organization_id))
        )

    def describe_failure(self, problem: Problem) -> dict[str, Any]:
        if problem.status != 500:
            return {}
        return {"message": "Error processing next item", **failure_data(problem.error)}


class ItemsView(QueueView):
    @extend_schema(
        operation_id="hybrid_queue_items_list",
        responses=answers.ItemsAnswer,
        tags=["queue"],
        parameters=[
            OpenApiParameter(name)
            for name in ("status", "limit", "offset", "batchId", "source", "imei", "after")
        ],
    )
    def get(self, request: Request) -> Response:
        """Items in the order in which they are worked off."""
        query = request.query_params
        page = list_items(
            self.caller.organization_id,
            ItemFilter(
                status=query.get("status"),
                batch_id=query.get("batchId"),
                source=query.get("source"),
                imei=query.get("imei"),
            ),
            limit=read_limit(query.get("limit")),
            offset=read_offset(query.get("offset")),
            after=query.get("after"),
        )
        return Response(wire.page_body(page))


class ItemView(QueueView):
    @extend_schema(responses=answers.ItemAnswer, tags=["queue"])
    def get(self, request: Request, item_id: str) -> Response:
        """One item with its log, also when it is in the archive."""
        if not (item_id.isascii() and item_id.isdigit() and len(item_id) < 20):
            raise ItemNotFound
        return Response(wire.detail_body(get_item(self.caller.organization_id, int(item_id))))


class RetryFailedView(QueueView):
    @extend_schema(
        request=answers.RetryRequest,
        responses=answers.CountAnswer,
        parameters=WRITE,
        tags=["queue"],
    )
    def post(self, request: Request) -> Response:
        """Queue failed items again: all, or those that every given condition fits."""
        wanted = self._read_wanted()
        retried = retry_failed(
            organization_id=self.caller.organization_id,
            ids=wanted.get("ids"),
            batch_id=wanted.get("batchId"),
            error_code=wanted.get("errorCode"),
        )
        return Response(wire.retried_body(retried))

    def _read_wanted(self) -> Mapping[str, Any]:
        """What is not understood must not mean everything. Raises BodyNotJson."""
        text = self.body.open().read()
        if not text.strip():
            return {}
        self.require_json()
        try:
            wanted = json.loads(text)
        except (ValueError, RecursionError):
            raise BodyNotJson from None
        if not isinstance(wanted, dict):
            raise BodyNotJson
        return wanted

    def describe_failure(self, problem: Problem) -> dict[str, Any]:
        return _explain(problem, "Failed to retry items")


class ClearCompletedView(QueueView):
    @extend_schema(
        responses=answers.CountAnswer,
        parameters=[*WRITE, OpenApiParameter("olderThanDays", int)],
        tags=["queue"],
    )
    def delete(self, request: Request) -> Response:
        """Move completed items to the archive."""
        cleared = clear_completed(
            organization_id=self.caller.organization_id,
            older_than_days=request.query_params.get("olderThanDays"),
        )
        return Response(wire.cleared_body(cleared))

    def describe_failure(self, problem: Problem) -> dict[str, Any]:
        return _explain(problem, "Failed to clear completed items")


def _explain(problem: Problem, what: str) -> dict[str, Any]:
    return {"message": f"{what}: {problem.error}"} if problem.status == 500 else {}


class BatchView(QueueView):
    @extend_schema(responses=answers.BatchAnswer, tags=["queue"])
    def get(self, request: Request, batch_id: str) -> Response:
        """How far a batch is."""
        batch = get_batch(self.caller.organization_id, batch_id)
        return Response({"success": True, "data": get_batch_data(batch)})


class StartView(QueueView):
    @extend_schema(request=None, responses=answers.ControlAnswer, parameters=WRITE, tags=["queue"])
    def post(self, request: Request) -> Response:
        """Let the queue run, until somebody stops it."""
        caller = self.caller
        control = start_queue(organization_id=caller.organization_id, actor=caller.actor)
        return Response(wire.control_body(control))


class StopView(QueueView):
    @extend_schema(request=None, responses=answers.ControlAnswer, parameters=WRITE, tags=["queue"])
    def post(self, request: Request) -> Response:
        """Claim nothing more; what workers have in hand is finished."""
        caller = self.caller
        control = stop_queue(organization_id=caller.organization_id, actor=caller.actor)
        return Response(wire.control_body(control))
