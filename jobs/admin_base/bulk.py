"""One verb on many jobs: asks first, acts through the services, says what happened."""

from dataclasses import dataclass, field

from django.contrib import messages
from django.contrib.admin import helpers
from django.template.response import TemplateResponse

from accounts.errors import DomainError
from jobs.admin_base.counting import count_rows
from jobs.admin_base.verbs import Verb

# What one request does: some seconds of work. The rest is a second press of the button.
BULK_LIMIT = 1_000
EXAMPLES = 20


@dataclass
class Outcome:
    done: int = 0
    refused: list[str] = field(default_factory=list)
    is_cut: bool = False


def answer_bulk(model_admin, request, queryset, verb: Verb):
    """The page that asks, or None after the jobs were acted on."""
    candidates = verb.candidates(queryset)
    form = verb.form(request.POST if _is_confirmed(request) else None)
    if not (_is_confirmed(request) and form.is_valid()):
        return _ask(model_admin, request, queryset, candidates, verb, form)
    outcome = act_on_all(candidates, verb, actor=request.user, data=form.cleaned_data)
    report(model_admin, request, verb, outcome)
    return None


def act_on_all(candidates, verb: Verb, *, actor, data) -> Outcome:
    """Act on the oldest jobs first, each in a transaction of its own."""
    jobs = list(candidates.order_by("pk")[: BULK_LIMIT + 1])
    outcome = Outcome(is_cut=len(jobs) > BULK_LIMIT)
    for job in jobs[:BULK_LIMIT]:
        try:
            verb.act(job, actor, data)
            outcome.done += 1
        except DomainError as error:
            # A worker was faster than the person.
            outcome.refused.append(error.message)
    return outcome


def report(model_admin, request, verb: Verb, outcome: Outcome) -> None:
    noun = (
        model_admin.opts.verbose_name if outcome.done == 1 else model_admin.opts.verbose_name_plural
    )
    if outcome.done:
        model_admin.message_user(request, f"{outcome.done:,} {noun} {verb.done}.", messages.SUCCESS)
    else:
        text = f"Nothing was changed: {verb.condition}."
        model_admin.message_user(request, text, messages.WARNING)
    if outcome.refused:
        text = f"{len(outcome.refused):,} left as they are: {outcome.refused[0]}"
        model_admin.message_user(request, text, messages.WARNING)
    if outcome.is_cut:
        text = f"There are more: one press acts on {BULK_LIMIT:,} at most. Repeat it for the rest."
        model_admin.message_user(request, text, messages.WARNING)


def _is_confirmed(request) -> bool:
    return request.POST.get("confirmed") == "yes"


def _ask(model_admin, request, queryset, candidates, verb: Verb, form):
    chosen, possible = count_rows(queryset), count_rows(candidates)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"{verb.label}: are you sure?",
        "opts": model_admin.opts,
        "verb": verb,
        "form": form,
        "chosen": chosen,
        "possible": possible,
        "is_cut": possible > BULK_LIMIT,
        "limit": BULK_LIMIT,
        "examples": candidates.order_by("pk")[:EXAMPLES],
        "example_limit": EXAMPLES,
        "back_url": request.get_full_path(),
        "hidden": _hidden(request),
        "media": model_admin.media,
    }
    return TemplateResponse(request, "jobs/admin/confirm_bulk.html", context)


def _hidden(request) -> list[tuple[str, str]]:
    """What the list's form said, to say it again with the confirmation."""
    box = helpers.ACTION_CHECKBOX_NAME
    kept = [(name, request.POST.get(name, "")) for name in ("action", "select_across", "index")]
    if request.POST.get("select_across") == "1":
        # One id is enough to say that something was selected.
        return [*kept, *((box, pk) for pk in request.POST.getlist(box)[:1])]
    return [*kept, *((box, pk) for pk in request.POST.getlist(box))]
