"""Writing down what a bench has measured: as JSON for programs, as a table for docs/benchmarks.md."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def record(name: str, facts: dict[str, Any], lines: Iterable[str]) -> None:
    """Keep the facts of a bench in `results/<name>.json`, and print its table."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(facts, indent=2) + "\n")
    sys.stdout.write("\n".join(lines) + "\n")
