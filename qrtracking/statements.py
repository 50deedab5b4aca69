"""The statements in `sql/`; their functions by short names."""

from pathlib import Path

from jobs.statements import Statements

_statements = Statements(Path(__file__).parent / "sql")
load = _statements.load
fetch_one = _statements.fetch_one
fetch_all = _statements.fetch_all
execute = _statements.execute
