"""The shape of the code that the linters do not see."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from config.paths import REPOSITORY

PACKAGES = ("config", "accounts", "jobs", "scanning", "tables", "qrtracking", "inventory")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
MAX_MEDIAN_FUNCTION_LINES = 9
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "common.py"}
# What only these modules may import.
RESERVED = {
    "django_q": {"jobs/dispatch.py", "jobs/schedules.py"},
    "unfold": {"accounts/unfold.py"},
    "knox": {"accounts/models.py", "accounts/tokens.py"},
}
DOMAIN_MODULES = {"services", "selectors", "models", "tasks", "rules"}


def is_migration(path: Path) -> bool:
    return "migrations" in path.parts


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (REPOSITORY / folder).rglob("*.py"))


OURS = [path for path in python_files(*PACKAGES) if not is_migration(path)]
OURS_AND_TESTS = OURS + python_files("tests", "script")


def name_of(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """(name, lines) of every function, its decorators left out."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@cache
def imports(path: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(found)


class TestFiles:
    def test_are_short_enough_to_read(self) -> None:
        long = {
            name_of(path): count
            for path in OURS + python_files("script")
            if (count := len(path.read_text().splitlines())) > MAX_FILE_LINES
        }

        assert long == {}

    def test_are_named_after_what_they_hold(self) -> None:
        assert [name_of(path) for path in OURS if path.name in FORBIDDEN_NAMES] == []

    def test_hold_no_tests_inside_apps(self) -> None:
        assert [name_of(path) for path in OURS if path.name.startswith("test_")] == []


class TestFunctions:
    def test_are_short_enough_to_read(self) -> None:
        long = {
            f"{name_of(path)}:{name}": lines
            for path in OURS
            for name, lines in functions(path)
            if lines > MAX_FUNCTION_LINES
        }

        assert long == {}

    def test_are_short_in_the_middle(self) -> None:
        lengths = sorted(lines for path in OURS for _name, lines in functions(path))

        assert lengths[len(lengths) // 2] <= MAX_MEDIAN_FUNCTION_LINES


class TestImports:
    def test_are_absolute(self) -> None:
        relative = [
            name_of(path)
            for path in OURS_AND_TESTS
            if any(name.startswith(".") for name in imports(path))
        ]

        assert relative == []

    @pytest.mark.parametrize("package", RESERVED)
    def test_of_isolated_packages_stay_in_their_module(self, package: str) -> None:
        importers = {
            name_of(path)
            for path in OURS
            if any(name == package or name.startswith(f"{package}.") for name in imports(path))
        }

        assert importers <= RESERVED[package]

    def test_of_http_stay_out_of_the_domain(self) -> None:
        knowing = [
            name_of(path)
            for path in OURS
            if DOMAIN_MODULES & {path.stem, path.parent.name}
            and any(name.startswith("django.http") for name in imports(path))
        ]

        assert knowing == []
