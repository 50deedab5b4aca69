"""One verb on many rows: asks first, acts through the services, says what happened."""

from collections.abc import Iterator
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
# More lines than these are a wall that nobody reads.
LINES = 10


@dataclass
class Outcome:
    done: int = 0
    # What happened to each row, of verbs that tell it.
    lines: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    is_cut: bool = False


def answer_bulk(model_admin, request, queryset, verb: Verb):
    """The page that asks, or None after the rows were acted on."""
    candidates = verb.candidates(queryset)
    form = verb.form(request.POST if is_confirmed(request) else None)
    if not (is_confirmed(request) and form.is_valid()):
        return ask(model_admin, request, queryset, candidates, verb, form)
    outcome = act_on_all(candidates, verb, actor=request.user, data=form.cleaned_data)
    report(model_admin, request, verb, outcome)
    return None


def act_on_all(candidates, verb: Verb, *, actor, data) -> Outcome:
    """Act on the oldest rows first, each in a transaction of its own."""
    limit = limit_of(verb)
    if verb.act_together is not None:
        keys = list(candidates.values_list("pk", flat=True)[: limit + 1])
        done = verb.act_together(keys[:limit], actor, data)
        return Outcome(done=done, is_cut=len(keys) > limit)
    rows = list(candidates.order_by("pk")[: limit + 1])
    outcome = Outcome(is_cut=len(rows) > limit)
    for row in rows[:limit]:
        try:
            result = verb.act(row, actor, data)
        except DomainError as error:
            # A worker was faster than the person, or a rule forbids it.
            outcome.refused.append(f"{row}: {error.message}" if verb.tell else error.message)
        else:
            outcome.done += 1
            if verb.tell:
                outcome.lines.append(verb.tell(result))
    return outcome


def report(model_admin, request, verb: Verb, outcome: Outcome) -> None:
    for text in _successes(model_admin.opts, verb, outcome):
        model_admin.message_user(request, text, messages.SUCCESS)
    for text in _warnings(verb, outcome):
        model_admin.message_user(request, text, messages.WARNING)


def limit_of(verb: Verb) -> int:
    return verb.limit or BULK_LIMIT


def _successes(opts, verb: Verb, outcome: Outcome) -> list[str]:
    if outcome.lines and outcome.done <= LINES:
        return outcome.lines
    noun = opts.verbose_name if outcome.done == 1 else opts.verbose_name_plural
    return [f"{outcome.done:,} {noun} {verb.done}."] if outcome.done else []


def _warnings(verb: Verb, outcome: Outcome) -> Iterator[str]:
    count = len(outcome.refused)
    if verb.tell:
        yield from outcome.refused[:LINES]
        if count > LINES:
            yield f"{count - LINES:,} more were left as they are."
    if not outcome.done and not (verb.tell and count):
        yield f"Nothing was changed: {verb.condition}."
    if count and not verb.tell:
        yield f"{count:,} left as they are: {outcome.refused[0]}"
    if outcome.is_cut:
        yield f"There are more: one press acts on {limit_of(verb):,} at most. Repeat it for the rest."


def is_confirmed(request) -> bool:
    return request.POST.get("confirmed") == "yes"


def ask(model_admin, request, queryset, candidates, verb: Verb, form):
    chosen, possible = count_rows(queryset), count_rows(candidates)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"{verb.label}: are you sure?",
        "opts": model_admin.opts,
        "verb": verb,
        "form": form,
        "chosen": chosen,
        "possible": possible,
        "is_cut": possible > limit_of(verb),
        "limit": limit_of(verb),
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
