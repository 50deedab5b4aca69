"""SKU: supplied, by a rule, or made of the parts that are known."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LONGEST_MODEL = 60
_NOT_PLAIN = re.compile(r"[^A-Z0-9]")
_GIGABYTES = re.compile(r"^([0-9]+)\s*GB$", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]+")
_COLORS = {
    "BLACK": "BLK", "BLUE": "BLU", "WHITE": "WHT", "RED": "RED", "GREEN": "GRN", "PURPLE": "PUR",
    "PINK": "PNK", "GOLD": "GLD", "SILVER": "SLV", "GRAY": "GRY", "GREY": "GRY",
}  # fmt: skip
_COLOR_CODES = frozenset(_COLORS.values())
_CARRIERS = {"UNLOCKED": "UNL", "AT&T": "ATT", "T-MOBILE": "TMO", "VERIZON": "VZW"}
MATCHED = ("brand", "model", "storage", "color", "carrier")


@dataclass(frozen=True)
class Rule:
    """Blank matches fit everything; the others must equal the known value."""

    matches: Mapping[str, str]
    sku: str

    def fits(self, known: Mapping[str, str | None]) -> bool:
        wanted = {name: value for name, value in self.matches.items() if value.strip()}
        return all(
            known.get(name) is not None and fold(known[name] or "") == fold(value)
            for name, value in wanted.items()
        )


def fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def sku_by_rule(rules: Iterable[Rule], known: Mapping[str, str | None]) -> str | None:
    """The SKU of the first rule that fits. `known`: value of each MATCHED field, None if unknown."""
    return next((rule.sku for rule in rules if rule.fits(known)), None)


def choose_sku(
    rules: Iterable[Rule], known: Mapping[str, str | None]
) -> tuple[str | None, str | None]:
    """SKU and where it comes from, for a device that none was supplied for."""
    by_rule = sku_by_rule(rules, known)
    if by_rule is not None:
        return by_rule, "rule"
    generated = generate_sku(known)
    return generated, "generated" if generated else None


def generate_sku(known: Mapping[str, str | None]) -> str | None:
    """MODEL-CAP-COL-CAR of the known parts; nothing without a model."""
    model = _plain(known.get("model") or "")[:LONGEST_MODEL]
    if not model:
        return None
    parts = [
        model,
        _capacity(known.get("storage")),
        _color(known.get("color")),
        _carrier(known.get("carrier")),
    ]
    return "-".join(part for part in parts if part)


def _plain(text: str) -> str:
    upper = unicodedata.normalize("NFKC", text).upper().replace("+", "PLUS")
    return _NOT_PLAIN.sub("", upper)


def _capacity(text: str | None) -> str:
    gigabytes = _GIGABYTES.match((text or "").strip())
    return str(gigabytes[1]) if gigabytes else _plain(text or "")


def _color(text: str | None) -> str:
    words: list[str] = _WORD.findall((text or "").upper())
    for word in reversed(words):
        if word in _COLORS:
            return _COLORS[word]
        if word in _COLOR_CODES:
            return word
    return _plain(text or "")[:3]


def _carrier(text: str | None) -> str:
    return _CARRIERS.get((text or "").strip().upper(), _plain(text or "")[:3])
