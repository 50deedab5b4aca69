"""Stuck and failed jobs, shown above everything else: each cause once, with its way out."""

from typing import Any
from urllib.parse import urlencode

from jobs.admin_base.wording import format_moment
from jobs.selectors import FAILURES_READ, group_failures

STUCK_ADVICE = "Their workers are gone. Others take over within a minute; Requeue does it now."


def list_attention(model_admin, jobs, presets) -> list[dict[str, Any]]:
    """One row for all stuck jobs, then one for each error code, the most frequent first."""
    counts = {preset.get("state"): preset["count"] for preset in presets}
    found = []
    if counts["stuck"] != "0":
        found.append(_row("Stuck", counts["stuck"], {"state": "stuck"}, STUCK_ADVICE))
    if counts["failed"] != "0":
        found += [_failure(model_admin, failure) for failure in group_failures(jobs)]
    return found


def _failure(model_admin, failure) -> dict[str, Any]:
    code = failure.code or "without a code"
    query = {"state": "failed", **({"error_code": failure.code} if failure.code else {})}
    advice = model_admin.error_advice.get(failure.code, "")
    row = _row(code, f"{failure.number:,}", query, advice)
    return {
        **row,
        "last": format_moment(failure.last_at),
        "is_capped": failure.number == FAILURES_READ,
    }


def _row(label: str, count: str, query: dict[str, str], advice: str) -> dict[str, Any]:
    return {"label": label, "count": count, "query": f"?{urlencode(query)}", "advice": advice}
