"""The page that asks before something is done that is no verb of a row."""

from django.template.response import TemplateResponse


def ask_first(model_admin, request, *, title, effect, label, form, back_url):
    """`title` is what is done: the question is added. The page posts the form to its own address."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"{title}: are you sure?",
        "opts": model_admin.opts,
        "effect": effect,
        "label": label,
        "form": form,
        "back_url": back_url,
        "media": model_admin.media,
    }
    return TemplateResponse(request, "jobs/admin/confirm_simple.html", context)
