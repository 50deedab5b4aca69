"""Which variants a case takes from the queue, and how many units of each."""

from collections.abc import Mapping
from typing import TypeVar

V = TypeVar("V")


def single_variant(*, packed: Mapping[V, int], planned: V | None) -> V | None:
    """The variant of a case that is not mixed: that of its units, else the planned one.

    None when the case is empty and planned for no variant: the first queued unit decides.
    """
    if packed:
        return max(packed, key=packed.__getitem__)
    return planned


def mixed_quotas(*, planned: Mapping[V, int], packed: Mapping[V, int], take: int) -> dict[V, int]:
    """Each planned variant up to its planned number less the units packed already."""
    missing = {variant: count - packed.get(variant, 0) for variant, count in planned.items()}
    return {variant: min(count, take) for variant, count in missing.items() if count > 0}
