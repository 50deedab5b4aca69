"""The band that says what a scanned label is; nothing here touches the database."""

import uuid

import pytest

from qrtracking.models import CaseStatus, MasterCode
from qrtracking.selectors.scan import Label
from qrtracking.views import found as view

LABEL = Label("case", uuid.UUID(int=1), 7)


class TestFoundCase:
    @pytest.mark.parametrize(
        ("status", "notes"),
        [
            (CaseStatus.GENERATED, ()),
            (CaseStatus.PACKED, ()),
            (CaseStatus.READY_TO_SHIP, ("Ready To Ship.",)),
            (CaseStatus.RECEIVED_WAREHOUSE, ("Received Warehouse.",)),
        ],
    )
    def test_says_where_a_case_is_once_it_has_left(self, status, notes, monkeypatch):
        case = MasterCode(
            pk=uuid.UUID(int=2),
            case_number=7,
            actual_unit_count=10,
            expected_unit_count=10,
            status=status,
        )
        monkeypatch.setattr(view, "get_found_case", lambda **_: case)

        answer = view.found(LABEL, scanned="CASE:7")

        assert answer.title == "Case #7: 10 of 10 units"
        assert answer.notes == notes
