"""Pages about one queue that stand in the place of a list."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse

from accounts.admin_base import ReadOnlyAdmin
from inventory.admin.base import ORGANIZATION, find_organization, list_url
from inventory.selectors.queues import list_queues


class OneQueueAdmin(ReadOnlyAdmin):
    """Who sees several queues chooses one first; where only one organization has one, it is that."""

    page_title = ""
    page_template = ""

    def get_page_context(self, request, organization) -> dict[str, Any]:
        raise NotImplementedError

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        organization = find_organization(request)
        queues = [] if organization else list_queues(request.user)
        if len(queues) == 1 and ORGANIZATION not in request.GET:
            return HttpResponseRedirect(self._url(queues[0].organization))
        context = {
            **self.admin_site.each_context(request),
            **(self.get_page_context(request, organization) if organization else {}),
            "title": self.page_title,
            "opts": self.opts,
            "queues": [(queue, self._url(queue.organization)) for queue in queues],
            "media": self.media,
        }
        template = self.page_template if organization else "inventory/admin/queues.html"
        return TemplateResponse(request, template, context)

    def _url(self, organization) -> str:
        return list_url(self.opts.model_name, **{ORGANIZATION: organization.pk})
