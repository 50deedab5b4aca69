"""Reads for the edges. What leaves an edge is scoped to what its user may see."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Prefetch

from accounts.models import Organization, OrganizationKind, User
from jobs.errors import JobNotFound
from qrtracking.errors import JobNotReadable, OrderNotFound
from qrtracking.models import (
    Batch,
    MasterCode,
    Order,
    OrderItem,
    ProductVariant,
    ReverseJob,
)
from qrtracking.models.batch import BatchQuerySet
from qrtracking.models.case import MasterCodeQuerySet
from qrtracking.models.catalog import OrderQuerySet
from qrtracking.models.queue import ReverseJobQuerySet

# Up to 100,000 texts that no list and no poll shows.
HEAVY = ("exclude_codes", "cursor")


def list_jobs(*, user: User) -> ReverseJobQuerySet:
    jobs: ReverseJobQuerySet = ReverseJob.objects.visible_to(user).defer(*HEAVY)
    return jobs


def get_job_status(*, user: User, job_id: UUID) -> ReverseJob:
    """Raises JobNotReadable for people who may read nothing, JobNotFound for anything unknown."""
    if user.membership is None and not user.sees_all_organizations:
        raise JobNotReadable
    job: ReverseJob | None = list_jobs(user=user).filter(pk=job_id).first()
    if job is None:
        raise JobNotFound
    return job


def list_orders(*, user: User) -> OrderQuerySet:
    """With their batch and items; the items in the order in which they were given."""
    orders: OrderQuerySet = Order.objects.visible_to(user)
    items = OrderItem.objects.select_related("product", "variant").order_by("created_at", "id")
    return orders.select_related("batch").prefetch_related(Prefetch("items", queryset=items))


def get_own_order(*, user: User, order_id: UUID) -> Order:
    """An order of the organization that the user acts for. Raises OrderNotFound."""
    order: Order | None = Order.objects.filter(organization=user.organization, pk=order_id).first()
    if order is None:
        raise OrderNotFound
    return order


def list_variants(*, organization: Organization, ids: Iterable[UUID]) -> dict[UUID, ProductVariant]:
    """The organization's variants among these, by id."""
    return ProductVariant.objects.filter(organization=organization).in_bulk(list(ids))


def get_partner(*, kind: OrganizationKind, organization_id: UUID) -> Organization | None:
    """Another organization that an order may name in the part of this kind."""
    return Organization.objects.filter(kind=kind, pk=organization_id).first()


def list_batches(*, user: User) -> BatchQuerySet:
    batches: BatchQuerySet = Batch.objects.visible_to(user).select_related("order").defer("cursor")
    return batches


def list_cases(*, user: User) -> MasterCodeQuerySet:
    cases: MasterCodeQuerySet = MasterCode.objects.visible_to(user)
    return cases.select_related("planned_variant")
