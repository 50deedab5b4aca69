"""Has PostgreSQL explain a statement at the moment at which the product sends it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

# Of no weight of their own: what counts is what is read and written, sorted and hashed.
PLAIN_NODES = {
    "Aggregate", "Append", "Bitmap Heap Scan", "CTE Scan", "Function Scan", "Gather", "Hash",
    "Incremental Sort", "Limit", "Materialize", "Memoize", "Nested Loop", "Result",
    "Subquery Scan", "Unique", "WindowAgg",
}  # fmt: skip
WARM_UPS = 1
# As many rows as the cases of the largest batch are read in a few milliseconds.
BEARABLE = 20_000


class Question(NamedTuple):
    """What to run, and a word of the statement that is meant: the slowest that has it."""

    query: str
    act: Callable[[], Any]
    word: str


@dataclass(frozen=True)
class Plan:
    query: str
    sql: str
    text: str
    rows: int
    nodes: list[str]
    # Tables that it reads from end to end for the sake of a few rows.
    wasted: set[str]
    buffers: int
    ms: float

    def facts(self) -> dict[str, Any]:
        return {
            "query": self.query,
            "rows": self.rows,
            "nodes": self.nodes,
            "buffers": self.buffers,
            "ms": round(self.ms, 3),
        }


def explain_all(questions: Sequence[Question]) -> list[Plan]:
    return [explain(question) for question in questions]


def explain(question: Question) -> Plan:
    """The plan where and when the product sends the statement; what was done is rolled back."""
    from django.db import connection, transaction

    plans: list[Plan] = []
    sent: list[str] = []

    def listen(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        sent.append(sql)
        if question.word in sql:
            plans.append(_plan(question.query, sql, params))
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.execute_wrapper(listen):
            question.act()
        transaction.set_rollback(True)
    if not plans:
        told = "\n".join(sql[:300] for sql in sent)
        raise SystemExit(f"{question.query}: no statement with {question.word!r} among\n{told}")
    return max(plans, key=lambda plan: plan.ms)


def _plan(query: str, sql: str, params: Any) -> Plan:
    """Of the second run: the first one warms the caches."""
    for _ in range(WARM_UPS):
        _explain(sql, params, "FORMAT JSON")
    ((found,),) = _explain(sql, params, "FORMAT JSON")
    top = found[0]["Plan"]
    nodes = list(_walk(top))
    return Plan(
        query=query,
        sql=sql,
        text="\n".join(line for (line,) in _explain(sql, params, "FORMAT TEXT")),
        rows=_rows(top),
        nodes=list(dict.fromkeys(name for name in map(_name, nodes) if name)),
        wasted={node["Relation Name"] for node in nodes if _is_wasteful(node)},
        buffers=_buffers(top) + sum(map(_buffers, _unread(nodes))),
        ms=found[0]["Execution Time"],
    )


def _explain(sql: str, params: Any, form: str) -> list[tuple[Any, ...]]:
    """By the driver itself, so that nobody listens; a statement that writes is taken back."""
    from django.db import connection

    with connection.connection.cursor() as cursor:
        cursor.execute("SAVEPOINT explained")
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, {form}) {sql}", params)
        lines = cursor.fetchall()
        cursor.execute("ROLLBACK TO SAVEPOINT explained")
    return list(lines)


def _walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from _walk(child)


def _buffers(node: dict[str, Any]) -> int:
    return int(node["Shared Hit Blocks"] + node["Shared Read Blocks"])


def _unread(nodes: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Parts that write and that no other part reads: the topmost node does not count them."""
    read = {f"CTE {node['CTE Name']}" for node in nodes if node["Node Type"] == "CTE Scan"}
    for node in nodes:
        name = node.get("Subplan Name", "")
        if name.startswith("CTE ") and name not in read:
            yield node


def _is_wasteful(node: dict[str, Any]) -> bool:
    if node["Node Type"] != "Seq Scan":
        return False
    passed_over = node.get("Rows Removed by Filter", 0) * node["Actual Loops"]
    return bool(passed_over > max(BEARABLE, node["Actual Rows"] * node["Actual Loops"]))


def _rows(top: dict[str, Any]) -> int:
    """What it gives back, or what it writes."""
    if top["Node Type"] == "ModifyTable" and not top["Actual Rows"] and top.get("Plans"):
        top = top["Plans"][0]
    return round(top["Actual Rows"] * top["Actual Loops"])


def _name(node: dict[str, Any]) -> str:
    kind = node["Node Type"]
    if kind in PLAIN_NODES or node["Actual Loops"] == 0:
        return ""
    if kind == "ModifyTable":
        return f"{node['Operation']} {node['Relation Name']}"
    place = node.get("Index Name") or node.get("Relation Name")
    return f"{kind} {place}" if place else kind
