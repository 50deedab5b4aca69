"""Units one by one, and the rows of the queue. Both are big tables: nothing is counted here.

What belongs to the rows is read for a page of them; joined, it would be joined to all of them first.
"""

from accounts.models import User
from qrtracking.models import PreparedCode, ReverseJob, UnitCode
from qrtracking.models.queue import PreparedCodeQuerySet
from qrtracking.models.unit import UnitCodeQuerySet


def list_units(*, user: User) -> UnitCodeQuerySet:
    units: UnitCodeQuerySet = UnitCode.objects.visible_to(user)
    return units.prefetch_related("product", "variant", "master_code")


def list_prepared(*, job: ReverseJob) -> PreparedCodeQuerySet:
    """What a job has put into the queue, and what became of it."""
    rows: PreparedCodeQuerySet = PreparedCode.objects.filter(job=job)
    return rows.prefetch_related("variant", "master_code")
