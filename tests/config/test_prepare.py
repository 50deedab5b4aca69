import json
import stat
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from accounts import demo as accounts_demo
from accounts.models import Organization
from config import prepare

DEMO = {
    "users": {
        "anna": {
            "id": "1",
            "password": "pw-1",
            "token": "t",
            "role": "operator",
            "staff": False,
            "organization": "harbor",
        },
        "root": {
            "id": "2",
            "password": "pw-2",
            "token": "t",
            "role": None,
            "staff": True,
            "organization": None,
        },
    }
}


def write_demo(_name: str, *, stdout: Any, json: bool) -> None:
    stdout.write(globals()["json"].dumps(DEMO))


@pytest.mark.django_db
class TestLoadDemoOnce:
    @pytest.fixture(autouse=True)
    def _command(self, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
        settings.DATA_DIR = tmp_path
        monkeypatch.delenv("DEMO", raising=False)
        self.called = mock.Mock(side_effect=write_demo)
        monkeypatch.setattr(prepare, "call_command", self.called)

    def test_keeps_the_logins_for_this_user_only(self, tmp_path: Path) -> None:
        prepare.load_demo_once(tmp_path / "demo.json")

        assert json.loads((tmp_path / "demo.json").read_text()) == DEMO
        assert stat.S_IMODE((tmp_path / "demo.json").stat().st_mode) == 0o600

    def test_leaves_a_database_alone_that_has_organizations(self, tmp_path: Path) -> None:
        Organization.objects.create(kind="manufacturer", name="Real", slug="real")

        prepare.load_demo_once(tmp_path / "demo.json")

        self.called.assert_not_called()

    def test_makes_good_what_was_interrupted(self, tmp_path: Path) -> None:
        accounts_demo.load(accounts_demo.Demo(scale="small", now=timezone.now()))

        prepare.load_demo_once(tmp_path / "demo.json")

        assert json.loads((tmp_path / "demo.json").read_text()) == DEMO

    def test_leaves_a_complete_demo_alone(self, tmp_path: Path) -> None:
        accounts_demo.load(accounts_demo.Demo(scale="small", now=timezone.now()))
        (tmp_path / "demo.json").write_text("{}")

        prepare.load_demo_once(tmp_path / "demo.json")

        self.called.assert_not_called()

    def test_fills_an_empty_database_whose_predecessor_had_the_demo(self, tmp_path: Path) -> None:
        (tmp_path / "demo.json").write_text("{}")

        prepare.load_demo_once(tmp_path / "demo.json")

        assert json.loads((tmp_path / "demo.json").read_text()) == DEMO

    def test_leaves_the_demo_of_another_folder_alone(self, tmp_path: Path, settings: Any) -> None:
        # Its passwords are known there, and would be others afterwards.
        accounts_demo.load(accounts_demo.Demo(scale="small", now=timezone.now()))
        settings.DATA_DIR = tmp_path / "other"

        prepare.load_demo_once(tmp_path / "demo.json")

        self.called.assert_not_called()

    def test_adds_no_demo_to_organizations_that_came_after_it(self, tmp_path: Path) -> None:
        accounts_demo.load(accounts_demo.Demo(scale="small", now=timezone.now()))
        Organization.objects.create(kind="manufacturer", name="Real", slug="real")

        prepare.load_demo_once(tmp_path / "demo.json")

        self.called.assert_not_called()

    def test_keeps_nothing_of_a_demo_that_failed(self, tmp_path: Path) -> None:
        self.called.side_effect = KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            prepare.load_demo_once(tmp_path / "demo.json")

        assert not (tmp_path / "demo.json").exists()

    def test_can_be_switched_off(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DEMO", "0")

        prepare.load_demo_once(tmp_path / "demo.json")

        self.called.assert_not_called()

    def test_stays_out_of_production(self, tmp_path: Path, settings: Any) -> None:
        settings.DEMO_ALLOWED = False

        prepare.load_demo_once(tmp_path / "demo.json")

        self.called.assert_not_called()


class TestReadDemoLogins:
    def test_gives_name_password_and_role(self, tmp_path: Path) -> None:
        (tmp_path / "demo.json").write_text(json.dumps(DEMO))

        assert prepare.read_demo_logins(tmp_path / "demo.json") == [
            ("anna", "pw-1", "operator at harbor"),
            ("root", "pw-2", "staff"),
        ]

    def test_gives_nothing_without_a_demo(self, tmp_path: Path) -> None:
        assert prepare.read_demo_logins(tmp_path / "demo.json") == []


class TestCollectStaticWhenChanged:
    def test_collects_once(self, tmp_path: Path, settings: Any) -> None:
        settings.STATIC_ROOT = tmp_path
        with mock.patch.object(prepare, "call_command") as collect:
            prepare.collect_static_when_changed()
            prepare.collect_static_when_changed()

        collect.assert_called_once()

    def test_collects_again_when_a_file_changed(self, tmp_path: Path, settings: Any) -> None:
        settings.STATIC_ROOT = tmp_path
        (tmp_path / ".sources").write_text("of yesterday")
        with mock.patch.object(prepare, "call_command") as collect:
            prepare.collect_static_when_changed()

        collect.assert_called_once()
        assert (tmp_path / ".sources").read_text() == prepare.static_fingerprint()
