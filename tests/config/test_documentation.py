"""What the pages for people promise about commands, files and settings."""

import re

import pytest
from django.core.management import get_commands

from config.paths import REPOSITORY

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]


def names_of_settings() -> set[str]:
    """Everything that our code reads from the environment."""
    files = [*(REPOSITORY / "config").rglob("*.py"), REPOSITORY / "deploy" / "gunicorn.conf.py"]
    text = "\n".join(file.read_text() for file in files)
    reads = r"""(?:env\.\w+|environ\.get|development_secret)\((?:DATA_DIR, )?\s*"([A-Z_]+)\""""
    return set(re.findall(reads, text))


class TestOperations:
    @pytest.mark.parametrize("name", sorted(names_of_settings()))
    def test_explains_every_setting(self, name):
        table = (REPOSITORY / "docs" / "operations.md").read_text()

        assert f"`{name}`" in table


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.name)
class TestPages:
    def test_name_commands_that_exist(self, document):
        named = set(re.findall(r"manage\.py ([a-z_]+)", document.read_text()))

        assert named <= set(get_commands())

    def test_link_to_files_that_exist(self, document):
        links = re.findall(r"\]\(([^)#:]+?)\)", document.read_text())

        assert [link for link in links if not (document.parent / link).exists()] == []
