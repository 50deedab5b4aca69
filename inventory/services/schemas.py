"""JSON schemas of sources: what may be saved, and what the latest items would have met with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, best_match
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from inventory.errors import SchemaInvalid
from inventory.models import QueueSource
from inventory.rules.patterns import may_hang
from inventory.rules.refusals import ItemRefused
from inventory.rules.storable import NotStorable, as_stored
from inventory.selectors.source_items import list_source_items
from inventory.services.judging import build_validator, check_against

MOST_KILOBYTES = 64
DRAFT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCES = ("$ref", "$dynamicRef")
# Parts that one item may be held against: references to references double from one to the next.
MOST_PARTS = 20_000


def check_schema(schema: Any) -> None:
    """That a drain can use it: draft 2020-12, small, complete in itself. Raises SchemaInvalid."""
    if not isinstance(schema, Mapping):
        raise SchemaInvalid("A schema is a JSON object, such as {}")
    try:
        as_stored(schema, max_kilobytes=MOST_KILOBYTES)
    except NotStorable as reason:
        raise SchemaInvalid(f"The schema cannot be kept: {reason}") from None
    if str(schema.get("$schema", DRAFT)).rstrip("#") != DRAFT:
        raise SchemaInvalid(f"Only draft 2020-12 is known: {DRAFT}")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise SchemaInvalid(f"{error.json_path}: {error.message}"[:500]) from None
    _check_patterns(schema)
    resolver = Registry().with_resource("", DRAFT202012.create_resource(dict(schema))).resolver()
    _check_references(schema, resolver)
    try:
        if _count_parts(schema, resolver, {}) > MOST_PARTS:
            raise SchemaInvalid(f"An item would be held against over {MOST_PARTS:,} parts")
        _try(schema)
    except RecursionError:
        raise SchemaInvalid("The schema refers to itself without an end") from None


def _check_patterns(schema: Mapping[str, Any]) -> None:
    """An item is held against them in the worker that serves everybody."""
    for mapping in _mappings_in(schema):
        named = mapping.get("patternProperties")
        patterns = [mapping.get("pattern"), *(named if isinstance(named, Mapping) else ())]
        for pattern in patterns:
            if isinstance(pattern, str) and may_hang(pattern):
                raise SchemaInvalid(
                    f"The pattern {pattern[:80]!r} repeats what repeats itself, is optional or has "
                    "choices: some texts would take hours"
                )


def _count_parts(value: Any, resolver: Any, known: dict[int, int]) -> int:
    """How many there are when each reference is replaced by what it names; of a circle one round."""
    if isinstance(value, list):
        return sum(_count_parts(inner, resolver, known) for inner in value)
    if not isinstance(value, Mapping):
        return 0
    if id(value) not in known:
        known[id(value)] = 1
        named = [value[name] for name in _REFERENCES if isinstance(value.get(name), str)]
        inside = [*value.values(), *(resolver.lookup(name).contents for name in named)]
        known[id(value)] = 1 + sum(_count_parts(inner, resolver, known) for inner in inside)
    return known[id(value)]


def _check_references(schema: Mapping[str, Any], resolver: Any) -> None:
    """Nothing is fetched, so what a reference names must be in the schema itself."""
    for name in _REFERENCES:
        for reference in _values_of(schema, name):
            if not reference.startswith("#"):
                raise SchemaInvalid(f"{name} {reference!r} leads to another document")
            try:
                resolver.lookup(reference)
            except Unresolvable:
                raise SchemaInvalid(f"{name} {reference!r} leads nowhere") from None


def _try(schema: Mapping[str, Any]) -> None:
    """A schema that refers to itself would turn in circles at the first item."""
    best_match(build_validator(schema).iter_errors({}))


def _values_of(schema: Mapping[str, Any], name: str) -> Iterator[str]:
    for mapping in _mappings_in(schema):
        if isinstance(mapping.get(name), str):
            yield mapping[name]


def _mappings_in(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from _mappings_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _mappings_in(inner)


@dataclass(frozen=True)
class SchemaTest:
    tested: int
    # Id of the item, and what the drain would say.
    refused: list[tuple[int, str]]

    @property
    def passed(self) -> int:
        return self.tested - len(self.refused)


def try_source(source: QueueSource) -> SchemaTest:
    """Hold the schema of a source against its latest items; nothing is changed."""
    items = list_source_items(source)
    if source.json_schema is None:
        return SchemaTest(len(items), [])
    validator = build_validator(source.json_schema)
    refused = []
    for item in items:
        try:
            check_against(item.raw_data, validator)
        except ItemRefused as refusal:
            refused.append((item.pk, refusal.message))
    return SchemaTest(len(items), refused)
