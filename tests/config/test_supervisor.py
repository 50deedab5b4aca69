import configparser
import sys
from pathlib import Path

from config.supervisor import write_config


def read(path: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read(path)
    return parser


class TestWriteConfig:
    def test_restarts_both_programs_whenever_they_end(self, tmp_path: Path) -> None:
        config = read(write_config(tmp_path, is_root=False))

        for program in ("program:web", "program:worker"):
            assert config[program]["autorestart"] == "true"
            assert config[program]["command"].startswith(sys.executable)

    def test_lets_a_worker_finish_its_slice(self, tmp_path: Path) -> None:
        config = read(write_config(tmp_path, is_root=False))

        assert int(config["program:worker"]["stopwaitsecs"]) >= 30

    def test_names_the_user_only_as_root(self, tmp_path: Path) -> None:
        assert read(write_config(tmp_path, is_root=True))["supervisord"]["user"] == "root"
        assert "user" not in read(write_config(tmp_path, is_root=False))["supervisord"]

    def test_keeps_a_percent_sign_in_a_path(self, tmp_path: Path) -> None:
        folder = tmp_path / "100%"
        folder.mkdir()

        config = read(write_config(folder, is_root=False))

        assert config["supervisord"]["logfile"] == f"{tmp_path}/100%%/logs/supervisord.log"
