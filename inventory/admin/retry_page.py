"""The page from which all failed items that have one cause in common are retried."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect

from inventory.admin.advice import advise
from inventory.admin.base import count_text
from inventory.admin.item_verbs import ReasonForm
from inventory.selectors.failures import Failure
from jobs.admin_base import ask_first


def answer_retry(
    model_admin, request, failure: Failure, *, retry: Callable[[dict[str, Any]], str], back_url: str
):
    """Says how many, asks, acts by POST. `retry` gets what was answered and returns what it did."""
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        model_admin.message_user(request, retry(form.cleaned_data), messages.SUCCESS)
        return HttpResponseRedirect(back_url)
    number = count_text(failure.count, "item")
    if failure.is_capped:
        number += " or more"
    return ask_first(
        model_admin,
        request,
        title=f"Retry {number} with {failure.code}",
        effect="They wait in the queue again, with their retries counted anew. If the cause is "
        f"still there, they fail again. {advise(failure.code)}",
        label="Retry these",
        form=form,
        back_url=back_url,
    )
