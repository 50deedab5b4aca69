"""What a packing station waits for, on a batch whose units all wait in the queue: whole requests,
without the network.
"""

import statistics
from collections.abc import Callable
from itertools import count
from typing import Any

from bench.site import Site, statements, timed_get, timed_post

RUNS = 9
PER_CASE = 100
API = "/api/manufacturer"


def measure_station(site: Site) -> dict[str, Any]:
    """Times and statements of progress, Scan & pack, unlinking and finding a unit."""
    numbers = count(1)
    acts: dict[str, Callable[[], float]] = {
        "progress": lambda: timed_get(site, f"/api/qr/batches/{site.large.pk}/progress"),
        "pack": lambda: pack(site, next(numbers)),
        "unlink": lambda: link_and_unlink(site, next(numbers)),
        "find": lambda: find(site, next(numbers) * PER_CASE),
    }
    facts: dict[str, Any] = {}
    for name, act in acts.items():
        act()
        facts[f"{name}_ms"] = statistics.median(act() for _ in range(RUNS))
    facts["statements_progress"] = count_statements(acts["progress"])
    facts["statements_pack"] = count_statements(acts["pack"])
    facts["statements_find"] = count_statements(acts["find"])
    facts["statements_unlink"] = count_statements(unlinking(site, next(numbers)))
    return facts


def count_statements(act: Callable[[], Any]) -> int:
    return len(list(statements(act)))


def pack(site: Site, number: int) -> float:
    """The units that are planned for a case, scanned into it."""
    body = {
        "master_code": case_of(site, number).master_code,
        "unique_codes": codes_of(site, number),
        "manufacturer_org_id": str(site.large.organization_id),
    }
    return timed_post(site, f"{API}/link-to-master", body)


def link_and_unlink(site: Site, number: int) -> float:
    return unlinking(site, number)()


def unlinking(site: Site, number: int) -> Callable[[], float]:
    """A case that is linked from the queue here, and what takes all of it out again."""
    from qrtracking.services.linking import link_from_queue

    link_from_queue(
        actor=site.actor,
        batch_id=site.large.pk,
        order_id=site.large.order_id,
        master_code=f"CASE:{number}",
    )
    body = {"master_code_id": str(case_of(site, number).pk)}
    return lambda: timed_post(site, f"{API}/unlink-master", body)


def find(site: Site, sequence: int) -> float:
    """By the short form of its code, which lies behind two others in the index."""
    from qrtracking.models import UnitCode

    code = UnitCode.objects.get(batch=site.large, sequence_number=sequence).code
    body = {"qr_code": f"https://any.host/track/product/{code[:-13]}"}
    return timed_post(site, f"{API}/scan-unique", body)


def case_of(site: Site, number: int) -> Any:
    from qrtracking.models import MasterCode

    return MasterCode.objects.get(batch=site.large, case_number=number)


def codes_of(site: Site, number: int) -> list[str]:
    from qrtracking.models import UnitCode

    units = UnitCode.objects.filter(batch=site.large, planned_case_number=number)
    return list(units.order_by("sequence_number").values_list("code", flat=True))
