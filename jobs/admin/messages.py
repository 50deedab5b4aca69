from django.contrib import admin
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.admin_base import TenantAdmin
from accounts.unfold import UnfoldAdminTextInputWidget, action
from jobs.admin_base import JobAdmin, PlainForm, ask_first
from jobs.models import OutboxMessage, WebhookEndpoint
from jobs.outbox import new_webhook_secret


@admin.register(OutboxMessage)
class OutboxMessageAdmin(JobAdmin):
    list_display = [
        "key",
        "kind",
        "state_badge",
        "attempt_count",
        "waited",
        "ran",
        "organization",
        "created",
    ]
    search_exact = ["id", "key"]
    counter_fields = []
    error_advice = {
        "webhook_refused": "The receiver does not accept it: ask for the reason there, then retry.",
        "webhook_endpoint_gone": "There is no active endpoint any more: enter one, or cancel.",
    }


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(TenantAdmin):
    """The secret is shown on the page that answers its making, and nowhere else."""

    list_display = ["url", "organization", "is_active", "created_at"]
    list_filter = ["is_active"]
    list_select_related = ["organization"]
    search_fields = ["url"]
    autocomplete_fields = ["organization"]
    fields = ["organization", "url", "events", "is_active"]
    ordering = ["-created_at", "-id"]
    actions_detail = ["renew_secret"]

    class Media:
        css = {"all": ["jobs/admin.css"]}

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "events":
            kwargs["widget"] = UnfoldAdminTextInputWidget
            kwargs["help_text"] = "Names of events with commas between, or empty for all."
        if db_field.name == "url":
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request, obj=None):
        # Another organization's events must never go to an address that was entered for this one.
        return ["organization"] if obj else []

    def save_model(self, request, obj, form, change):
        if not change:
            obj.secret = new_webhook_secret()
        super().save_model(request, obj, form, change)

    def response_add(self, request, obj, post_url_continue=None):
        return self._show_secret(request, obj)

    @action(description="New secret", url_path="new-secret", permissions=["change"])
    def renew_secret(self, request, object_id):
        endpoint = self.get_visible_object(request, object_id)
        if request.method == "POST":
            endpoint.secret = new_webhook_secret()
            endpoint.save(update_fields=["secret", "updated_at"])
            self.log_change(request, endpoint, "New secret")
            return self._show_secret(request, endpoint)
        return ask_first(
            self,
            request,
            title="New secret",
            effect=f"Events to {endpoint.url} are signed with the new secret from now on. "
            "The receiver refuses them until it knows the new one.",
            label="Make a new secret",
            form=PlainForm(),
            back_url=self._url("change", endpoint),
        )

    def _show_secret(self, request, endpoint):
        context = {
            **self.admin_site.each_context(request),
            "title": "Webhook secret",
            "opts": self.opts,
            "endpoint": endpoint,
            "back_url": self._url("change", endpoint),
            "media": self.media,
        }
        answer = TemplateResponse(request, "jobs/admin/webhook_secret.html", context)
        answer["Cache-Control"] = "no-store"
        return answer

    def _url(self, page, endpoint):
        return reverse(f"{self.admin_site.name}:jobs_webhookendpoint_{page}", args=[endpoint.pk])
