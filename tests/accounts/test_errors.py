import pytest

from accounts import errors
from accounts.errors import DomainError

EXPECTED_FAILURES = [
    error
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, DomainError) and error is not DomainError
]


class CaseFull(DomainError):
    """This master case is already full.
    Please link remaining codes to another case."""

    code = "case_full"
    kind = "conflict"


class NarrowCaseFull(CaseFull):
    code = "narrow_case_full"


class TestDomainError:
    def test_says_its_docstring_in_one_line(self):
        assert CaseFull().message == (
            "This master case is already full. Please link remaining codes to another case."
        )

    def test_prefers_a_given_message(self):
        assert str(CaseFull("Case #4 is full.")) == "Case #4 is full."

    def test_inherits_the_message_of_its_parent(self):
        assert NarrowCaseFull().message == CaseFull().message

    def test_carries_extra_facts(self):
        assert CaseFull(extra={"case_number": 4}).extra == {"case_number": 4}

    def test_does_not_share_extra_facts(self):
        CaseFull().extra["case_number"] = 4

        assert CaseFull().extra == {}

    @pytest.mark.parametrize("error", EXPECTED_FAILURES, ids=lambda error: error.__name__)
    def test_every_subclass_has_a_code_and_a_message_of_its_own(self, error):
        assert error.code != DomainError.code
        assert error().message != DomainError().message
