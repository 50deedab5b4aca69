import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.production_check import find_problems, require_production_environment

GOOD = {
    "SECRET_KEY": "Vq3nT8wZ-kP5rXy7LmB2cDf6GhJ9sAe4u-Vq3nT8wZ-kP5rXy7LmB2",
    "QR_HASH_SECRET": "aZ4xS8dC1vF5gB2hN6jM9kQ3wE7rT0yU",
    "ALLOWED_HOSTS": "batchworks.example,www.batchworks.example",
    "DATABASE_URL": "postgresql://batchworks:secret@db.internal/batchworks",
    "QR_BASE_URL": "https://batchworks.example",
}


class TestFindProblems:
    def test_is_content_with_a_complete_environment(self) -> None:
        assert find_problems(GOOD) == []

    def test_names_everything_that_is_missing_at_once(self) -> None:
        problems = find_problems({})

        assert {problem.split()[0] for problem in problems} == set(GOOD)
        assert all(problem.endswith("is missing") for problem in problems)

    @pytest.mark.parametrize(
        ("name", "value", "words"),
        [
            ("SECRET_KEY", "short", "at least 50 characters"),
            ("SECRET_KEY", "x" * 50, "repeats"),
            ("SECRET_KEY", "   ", "is missing"),
            ("QR_HASH_SECRET", "k3Jd82hfLq0Zx71mNb5Vc94pRt6Yw2s", "at least 32 characters"),
            ("QR_WORKER_SECRET", "guessable", "at least 32 characters"),
            ("CRON_SECRET", "a" * 32, "repeats"),
            ("METRICS_TOKEN", "short", "at least 32"),
            ("ALLOWED_HOSTS", "*", "must name the hosts"),
            ("ALLOWED_HOSTS", "a.example,", "empty entry"),
            ("DATABASE_URL", "sqlite:///db.sqlite3", "postgresql://"),
            ("QR_BASE_URL", "batchworks.example", "absolute"),
            ("QR_BASE_URL", "https://batchworks.example/", "without slash"),
        ],
    )
    def test_finds_what_is_weak_or_wrong(self, name: str, value: str, words: str) -> None:
        (problem,) = find_problems(GOOD | {name: value})

        assert problem.startswith(name)
        assert words in problem

    def test_leaves_the_optional_secrets_optional(self) -> None:
        assert find_problems(GOOD | {"QR_WORKER_SECRET": "", "CRON_SECRET": ""}) == []


class TestRequireProductionEnvironment:
    def test_lists_all_problems_in_one_error(self) -> None:
        with pytest.raises(ImproperlyConfigured) as caught:
            require_production_environment({"ALLOWED_HOSTS": "*"})

        assert str(caught.value).count("\n  - ") == 5

    def test_says_nothing_when_all_is_well(self) -> None:
        require_production_environment(GOOD)


@pytest.mark.processes
class TestProductionSettings:
    def run_check(self, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return subprocess.run(
            [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
            check=False,
            capture_output=True,
            text=True,
            env={**kept, "DJANGO_SETTINGS_MODULE": "config.settings.production", **environment},
        )

    def test_refuse_to_start_without_their_environment(self) -> None:
        done = self.run_check({})

        assert done.returncode != 0
        assert all(f"{name} is missing" in done.stderr for name in GOOD)

    def test_pass_djangos_deployment_checks(self) -> None:
        # Subdomains are the owner's decision: they may serve other things without TLS.
        done = self.run_check(GOOD | {"HSTS_SUBDOMAINS": "1", "HSTS_PRELOAD": "1"})

        assert done.returncode == 0, done.stderr
