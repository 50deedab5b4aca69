import pytest

from accounts.models import Role
from jobs.api.permissions import require_verb
from jobs.errors import VerbNotAllowed
from tests.accounts.factories import UserFactory, grant, make_member
from tests.jobs.factories import SampleJobFactory
from tests.jobs.sample.models import SampleJob


def may(user, verb, job):
    try:
        require_verb(user=user, verb=verb, job=job)
    except VerbNotAllowed:
        return False
    return True


@pytest.mark.django_db
class TestRequireVerb:
    @pytest.mark.parametrize("role", Role)
    @pytest.mark.parametrize("verb", ["cancel", "retry", "requeue", "prioritise", "run"])
    @pytest.mark.parametrize("is_own", [True, False])
    def test_goes_by_role_in_the_own_organization(self, role, verb, is_own):
        member = make_member(role)
        job = SampleJobFactory(
            organization=member.organization, created_by=member if is_own else None
        )

        is_manager = role in {Role.MANAGER, Role.OWNER}
        is_own_cancel = role is Role.OPERATOR and verb == "cancel" and is_own
        assert may(member, verb, job) is (is_manager or is_own_cancel)

    def test_no_role_reaches_another_organization(self):
        owner = make_member(Role.OWNER)

        assert not may(owner, "cancel", SampleJobFactory(created_by=owner))

    @pytest.mark.parametrize("codename", ["retry_samplejob", "cancel_samplejob", "view_samplejob"])
    def test_staff_need_the_permission_of_the_verb(self, codename):
        staff = grant(UserFactory(staff=True), codename)
        job = SampleJobFactory()

        assert may(staff, "retry", job) is (codename == "retry_samplejob")
        assert may(staff, "cancel", job) is (codename == "cancel_samplejob")

    def test_a_permission_is_worth_nothing_to_staff_of_another_organization(self):
        stranger = grant(make_member(Role.OWNER, is_staff=True), "retry_samplejob")

        assert not may(stranger, "retry", SampleJobFactory())

    def test_a_model_may_name_the_permission_otherwise(self, monkeypatch):
        monkeypatch.setattr(SampleJob, "verb_permissions", {"retry": "cancel"})
        staff = grant(UserFactory(staff=True), "cancel_samplejob")

        assert SampleJob.permission_for("retry") == "sample.cancel_samplejob"
        assert may(staff, "retry", SampleJobFactory())
