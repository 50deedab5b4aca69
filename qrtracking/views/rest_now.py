"""Pack the rest, now: a few hundred units are prepared inside the request, then cases are scanned."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.errors import DomainError, IdempotencyRequestRunning
from accounts.idempotency import Answer as StoredAnswer
from accounts.idempotency import answer_once_committed
from qrtracking.forms.scan import ExcludesForm, ExcludesNowForm
from qrtracking.selectors.counts import count_queue
from qrtracking.selectors.scan import get_last_job_now, list_variants_of_batch
from qrtracking.services.reverse_jobs import submit_reverse_job
from qrtracking.views.rest import LinkView, RestMixin, add_refusal
from qrtracking.views.scanned import answer_for
from scanning.views import PostMixin, say


class RestNowMixin(RestMixin):
    @property
    def page_url(self) -> str:
        return reverse("scan:rest-now", args=[self.kwargs["batch_id"]])

    @property
    def link_url(self) -> str:
        return reverse("scan:rest-now-link", args=[self.kwargs["batch_id"]])

    def page(
        self, form: ExcludesForm | None = None, *, status: int = 200, **more: Any
    ) -> HttpResponse:
        ready = count_queue(batch=self.overview.batch)
        context = {
            **self.batch_context(),
            **self.link_context(ready),
            "form": form or self.excludes_form(),
            "job": get_last_job_now(user=self.user, batch=self.overview.batch),
            "limit": settings.QR_INLINE_LIMIT,
            "is_too_large": self.overview.units_left > settings.QR_INLINE_LIMIT,
            "answer": answer_for(self.request, self.user),
            **more,
        }
        if not ready.ready:
            context["form"].fields["excludes"].widget.attrs["autofocus"] = True
        return self.render("rest_now.html", context, status=status)

    def excludes_form(self, data: Any = None) -> ExcludesForm:
        variants = list_variants_of_batch(batch=self.overview.batch)
        return ExcludesNowForm(data, variants=variants, initial={"key": uuid4()})


class RestNowView(RestNowMixin):
    def get(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        return self.page()


class PrepareView(PostMixin, RestNowMixin):
    def post(self, request: HttpRequest, batch_id: UUID) -> HttpResponse:
        form = self.excludes_form(request.POST)
        if not form.is_valid():
            return self.page(form, status=400)
        try:
            # The job has transactions of its own, as a worker gives it.
            answer_once_committed(
                request=self.identify(form),
                produce=self._produce(form.cleaned_data),
                now=timezone.now(),
            )
        except IdempotencyRequestRunning:
            say(request, "These units are being prepared already.", level=messages.INFO)
        except DomainError as error:
            status = add_refusal(form, error)
            return self.page(form, status=status, is_refused=error.code == "too_many_units")
        return redirect(self.page_url)

    def _produce(self, fields: dict[str, Any]) -> Callable[[], StoredAnswer]:
        def prepare() -> StoredAnswer:
            job = submit_reverse_job(
                actor=self.user,
                batch_id=self.overview.batch.pk,
                order_id=self.overview.batch.order_id,
                exclude_codes=[fields["excludes"]],
                filter_variant_id=fields.get("variant"),
                filter_case_numbers=fields["cases"],
                notify_email=False,
                process_now=True,
            )
            return StoredAnswer(status=303, body=str(job.pk))

        return prepare


class RestNowLinkView(RestNowMixin, LinkView):
    """A scanned case takes the next units and leads back to this page."""
