"""The pages and list actions by which staff act on rows: each verb asks first, by a page of its own."""

from collections.abc import Mapping, Sequence
from functools import partial

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from accounts.admin_base import permission_view
from accounts.errors import DomainError
from accounts.unfold import action
from jobs.admin_base.bulk import answer_bulk
from jobs.admin_base.verbs import Verb


class VerbPages:
    """For each of `verbs` the admin has `has_<verb>_permission` and an action `<verb>_selected`.

    They are made here unless the admin has its own; `actions` says which of them its list offers.
    """

    verbs: Sequence[str] = ()
    verb_set: Mapping[str, Verb] = {}
    # Where a verb that was pressed on the page of a row leads back to.
    verb_home = "change"
    # "str" where keys are numbers: a text that is no number is then not found, like any other.
    id_converter = "uuid"

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        for name in cls.verbs:
            made = {
                f"has_{name}_permission": _make_check(name),
                f"{name}_selected": _make_action(cls.verb_set[name]),
            }
            for attribute, function in made.items():
                if not hasattr(cls, attribute):
                    setattr(cls, attribute, function)

    def page_url(self, page: str, row) -> str:
        stem = f"{self.opts.app_label}_{self.opts.model_name}"
        return reverse(f"{self.admin_site.name}:{stem}_{page}", args=[row.pk])

    def permission_of(self, verb: str) -> str:
        return f"{self.opts.app_label}.{verb}_{self.opts.model_name}"

    def has_verb_permission(self, request, verb):
        is_granted = request.user.has_perm(self.permission_of(verb))
        return verb in self.verbs and is_granted and self.has_view_permission(request)

    def get_verb_buttons(self, request, row):
        """What this person may do to the row now."""
        return [
            {"verb": self.verb_set[name], "url": self.page_url(name, row)}
            for name in self.verbs
            if self.verb_set[name].is_possible(row) and self.has_verb_permission(request, name)
        ]

    def answer_selected(self, request, queryset, verb: str):
        return answer_bulk(self, request, queryset, self.verb_set[verb])

    def get_urls(self):
        stem = f"{self.opts.app_label}_{self.opts.model_name}"
        pages = []
        for name in self.verbs:
            view = partial(self.verb_view, verb=self.verb_set[name])
            guarded = permission_view(self, view, permission=name)
            route = f"<{self.id_converter}:object_id>/{name}/"
            pages.append(path(route, guarded, name=f"{stem}_{name}"))
        return [*pages, *super().get_urls()]

    def verb_view(self, request, row, *, verb: Verb):
        """Asks by GET, acts by POST."""
        data = request.POST if request.method == "POST" else None
        form = verb.form(data, initial=self.get_verb_initial(row))
        if request.method == "POST" and form.is_valid():
            self._act(request, row, verb, form.cleaned_data)
            return HttpResponseRedirect(self.page_url(self.verb_home, row))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{verb.label}: are you sure?",
            "opts": self.opts,
            "row": row,
            "row_title": self.get_row_title(row),
            "badge": self.get_badge(row),
            "verb": verb,
            "form": form,
            "is_possible": verb.is_possible(row),
            "back_url": self.page_url(self.verb_home, row),
            "media": self.media,
        }
        return TemplateResponse(request, "jobs/admin/confirm.html", context)

    def get_verb_initial(self, row):
        return {}

    def get_row_title(self, row) -> str:
        return str(row)

    def get_badge(self, row) -> tuple[str, str]:
        """The colour and the words of its status."""
        return "", row.get_status_display()

    def _act(self, request, row, verb: Verb, data):
        try:
            result = verb.act(row, request.user, data)
        except DomainError as error:
            self.message_user(request, f"Nothing was changed. {error.message}", messages.ERROR)
        else:
            text = verb.tell(result) if verb.tell else f"The {self.verb_noun} was {verb.done}."
            self.message_user(request, text, messages.SUCCESS)

    @property
    def verb_noun(self) -> str:
        return str(self.opts.verbose_name)


def _make_check(verb: str):
    def has_permission(self, request, obj=None):
        return self.has_verb_permission(request, verb)

    return has_permission


def _make_action(verb: Verb):
    @action(description=verb.label, permissions=[verb.name])
    def act_on_selected(self, request, queryset):
        return self.answer_selected(request, queryset, verb.name)

    return act_on_selected
