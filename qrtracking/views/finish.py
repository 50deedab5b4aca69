"""Complete production: what is packed becomes ready to ship."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.errors import DomainError
from accounts.models import Role
from qrtracking.selectors.scan import get_case_ranges
from qrtracking.services.completing import IN_PRODUCTION, complete_production
from qrtracking.views.base import BatchMixin
from scanning.views import PostMixin, say


class FinishMixin(BatchMixin):
    @property
    def page_url(self) -> str:
        return reverse("scan:finish", args=[self.kwargs["batch_id"]])


class FinishView(FinishMixin):
    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        overview = self.overview
        order = overview.batch.order
        checks = [
            ("All cases are packed", overview.packed_cases == overview.cases),
            ("The order has a destination", bool(order.warehouse_org_id or order.buyer_org_id)),
            ("The batch is in production", overview.batch.status in IN_PRODUCTION),
            ("The warehouse has not begun its intake", not overview.is_locked),
        ]
        context = {
            **self.batch_context(),
            "checks": checks,
            "is_possible": all(is_done for _, is_done in checks[1:]),
            "is_incomplete": not checks[0][1],
            "may_complete": self.user.has_role(Role.MANAGER),
            "ranges": get_case_ranges(batch=overview.batch),
        }
        return self.render("finish.html", context)


class CompleteView(PostMixin, FinishMixin):
    required_role = Role.MANAGER

    def post(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        reason = request.POST.get("reason", "").replace("\x00", "").strip()
        try:
            complete_production(
                actor=self.user,
                batch_id=self.overview.batch.pk,
                allow_incomplete=bool(reason),
                reason=reason,
            )
        except DomainError as error:
            say(request, error.message, level=messages.ERROR)
            return redirect(self.page_url)
        say(
            request,
            "Production completed successfully. Batch is now ready for warehouse shipment.",
        )
        return redirect("scan:batch", batch_id)
