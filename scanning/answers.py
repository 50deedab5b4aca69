"""The big band that answers a scan: what was scanned, what was expected, what to do.

It is kept in the session, so that the page after the POST shows it, and shows it again when it is
reloaded.
"""

from dataclasses import asdict, dataclass
from typing import Literal
from uuid import uuid4

from django.http import HttpRequest

SESSION_KEY = "scan_answer"
PARAMETER = "answer"
SHOWN = 60

Kind = Literal["ok", "duplicate", "wrong"]


@dataclass(frozen=True)
class Answer:
    kind: Kind
    title: str
    scanned: str = ""
    expected: str = ""
    advice: str = ""
    # Further facts, one a line.
    notes: tuple[str, ...] = ()
    # Many labels at once: what became of each, as (kind, text).
    lines: tuple[tuple[Kind, str], ...] = ()
    # Where to go on.
    href: str = ""
    href_text: str = ""
    # In place of the kind's usual word.
    word: str = ""


def keep_answer(request: HttpRequest, answer: Answer) -> str:
    """Keep it for this session; returns the query string of the page that shows it."""
    key = uuid4().hex
    request.session[SESSION_KEY] = {"key": key, **asdict(answer)}
    return f"?{PARAMETER}={key}"


def read_answer(request: HttpRequest) -> Answer | None:
    """The answer that this page was asked to show; None for an older one."""
    kept = dict(request.session.get(SESSION_KEY) or {})
    if not kept or kept.pop("key") != request.GET.get(PARAMETER):
        return None
    return Answer(**kept)


def cut(text: str) -> str:
    """A label's text, as much of it as the band shows."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
