"""script/bootstrap.py runs on a bare Python, before anything is installed."""

import sys
from importlib.metadata import distributions
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from unittest import mock

import pytest
from packaging.utils import canonicalize_name

from config.paths import REPOSITORY


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, pointed at an empty repository."""
    spec = spec_from_file_location("bootstrap", REPOSITORY / "script" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    venv = tmp_path / ".venv"
    monkeypatch.setattr(module, "REPOSITORY", tmp_path)
    monkeypatch.setattr(module, "VENV", venv)
    monkeypatch.setattr(module, "PYTHON", venv / "bin" / "python")
    (tmp_path / "requirements.txt").write_text("django==1\n")
    (tmp_path / "requirements-dev.txt").write_text("pytest==1\n")
    return module


@pytest.fixture
def pip(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> mock.Mock:
    run = mock.Mock()
    monkeypatch.setattr(bootstrap.subprocess, "run", run)
    monkeypatch.setattr(bootstrap, "is_usable", lambda: True)
    bootstrap.VENV.mkdir()
    return run


class TestMain:
    def test_installs_each_file_once(self, bootstrap: ModuleType, pip: mock.Mock) -> None:
        bootstrap.main(["requirements.txt", "requirements-dev.txt"])
        bootstrap.main(["requirements.txt", "requirements-dev.txt"])

        assert pip.call_count == 2

    def test_installs_again_when_a_pin_changed(
        self, bootstrap: ModuleType, pip: mock.Mock, tmp_path: Path
    ) -> None:
        bootstrap.main(["requirements.txt"])
        (tmp_path / "requirements.txt").write_text("django==2\n")
        bootstrap.main(["requirements.txt"])

        assert pip.call_count == 2

    def test_installs_again_for_another_python(
        self, bootstrap: ModuleType, pip: mock.Mock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bootstrap.main(["requirements.txt"])
        monkeypatch.setattr(sys, "version", "3.99")
        bootstrap.main(["requirements.txt"])

        assert pip.call_count == 2

    def test_makes_a_venv_where_there_is_none(
        self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        create = mock.Mock(side_effect=lambda *_args, **_kwargs: bootstrap.VENV.mkdir())
        monkeypatch.setattr(bootstrap.venv, "create", create)
        monkeypatch.setattr(bootstrap, "install", mock.Mock())

        bootstrap.main(["requirements.txt"])

        create.assert_called_once()


class TestIsUsable:
    def test_is_false_for_a_venv_that_was_moved(
        self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bootstrap, "PYTHON", Path(sys.executable))

        assert not bootstrap.is_usable()

    def test_is_false_without_one(self, bootstrap: ModuleType) -> None:
        assert not bootstrap.is_usable()


FILES = ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt")


def pinned_names() -> set[str]:
    lines = [line for name in FILES for line in (REPOSITORY / name).read_text().splitlines()]
    return {canonicalize_name(line.partition("==")[0].partition("[")[0]) for line in lines}


class TestRequirements:
    def test_pin_everything_that_is_installed(self) -> None:
        brought_by_venv = {"pip", "setuptools", "wheel"}
        installed = {canonicalize_name(found.name) for found in distributions()}

        assert installed - pinned_names() - brought_by_venv == set()

    @pytest.mark.parametrize("name", FILES)
    def test_are_pinned_exactly(self, name: str) -> None:
        lines = (REPOSITORY / name).read_text().splitlines()
        wanted = [line for line in lines if line and not line.startswith(("#", "-r "))]

        assert [line for line in wanted if "==" not in line] == []
