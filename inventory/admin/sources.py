from django.contrib import admin
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.admin_base import permission_view
from accounts.unfold import display
from inventory.admin.base import page_url
from inventory.admin.rules_base import RulesAdmin
from inventory.forms.rules import SourceForm
from inventory.models import QueueSource
from inventory.services.schemas import try_source


@admin.register(QueueSource)
class QueueSourceAdmin(RulesAdmin):
    form = SourceForm
    list_display = [
        "name",
        "has_schema",
        "validation",
        "default_location",
        "max_retries",
        "is_active",
        "organization",
    ]
    search_fields = ["name"]
    empty_text = "Only a source with rules of its own, such as a schema or a place, needs a row."
    ordering = ["organization", "name"]
    change_form_template = "inventory/admin/source.html"

    @display(description="schema", boolean=True)
    def has_schema(self, source):
        return source.json_schema is not None

    def get_urls(self):
        test_page = permission_view(self, self.test_view, permission="manage")
        name = "inventory_queuesource_test"
        return [path("<path:object_id>/test/", test_page, name=name), *super().get_urls()]

    def test_view(self, request, source):
        """Changes nothing."""
        result = try_source(source)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Test of {source.name}",
            "opts": self.opts,
            "source": source,
            "result": result,
            "refused": [(pk, page_url("queueitem", pk), text) for pk, text in result.refused],
            "back_url": reverse("admin:inventory_queuesource_change", args=[source.pk]),
            "media": self.media,
        }
        return TemplateResponse(request, "inventory/admin/source_test.html", context)
