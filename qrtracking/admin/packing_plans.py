from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from accounts.unfold import display
from jobs.admin_base import ORGANIZATION_FILTER, JobAdmin, StateFilter, preset_range
from jobs.admin_base.verbs import VERBS, PlainForm, Verb
from jobs.models.job import KERNEL_VERBS
from qrtracking.admin.base import OrderNumberSearch
from qrtracking.models import PackingPlan, PlanOutcome
from qrtracking.selectors.plans import list_lines, list_reasons
from qrtracking.services.packing_plans import apply_packing_plan

ROWS_SHOWN = 50

APPLY = Verb(
    name="apply",
    label="Apply",
    icon="inventory_2",
    effect="The units that the check found ready are packed into their cases, in your name. Each is "
    "judged again; what does not fit any more is refused.",
    done="sent to be packed",
    condition="only a checked plan with units that are ready can be applied, and only once",
    form=PlainForm,
    is_possible=lambda plan: plan.can_apply,
    candidates=lambda plans: plans.applicable(),
    act=lambda plan, actor, data: apply_packing_plan(plan=plan, actor=actor),
)


@admin.register(PackingPlan)
class PackingPlanAdmin(OrderNumberSearch, JobAdmin):
    verbs = ["apply", *KERNEL_VERBS]
    verb_set = {**VERBS, "apply": APPLY}
    verb_noun = "plan"
    list_display = [
        "short_id",
        "order_no",
        "content",
        "phase",
        "state_badge",
        "progress_bar",
        "units",
        "cases",
        "organization",
        "created_by",
        "created",
    ]
    list_filter = [
        StateFilter,
        "phase",
        "source",
        ORGANIZATION_FILTER,
        preset_range("created_at"),
    ]
    list_select_related = ["organization", "order", "created_by"]
    counter_fields = ["row_count", "ready_count", "refused_count", "packed_count", "case_count"]
    error_advice = {
        "table_unreadable": "The file is no table. Ask for it as CSV or XLSX; this plan stays as it "
        "is.",
        "plan_too_many_units": "Ask for the plan in parts of at most 500,000 units.",
        "plan_file_missing": "The file is not in the storage of this worker. Ask for it again.",
        "order_locked": "The warehouse has begun to take the order in. What was packed before "
        "stays.",
        "batch_state": "The batch may not be packed any more. If that was a mistake, open it again "
        "and retry the plan.",
    }
    change_form_template = "qrtracking/admin/packing_plan.html"

    @display(description="order")
    def order_no(self, plan):
        return format_html('<span class="job-nowrap">{}</span>', plan.order.order_no)

    @display(description="content")
    def content(self, plan):
        return plan.file_name or "pasted"

    @display(description="units")
    def units(self, plan):
        counts = {
            "ready": plan.ready_count,
            "packed": plan.packed_count,
            "refused": plan.refused_count,
        }
        return ", ".join(f"{count:,} {word}" for word, count in counts.items() if count) or "none"

    @display(description="cases")
    def cases(self, plan):
        return f"{plan.case_count:,}"

    @display(description="result")
    def result(self, plan):
        url = reverse("qrtracking:packing-plan-result", args=[plan.pk])
        return format_html('<a href="{}">Download every row</a>', url)

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), "result"]

    def get_fieldsets(self, request, obj=None):
        own, *rest = super().get_fieldsets(request, obj)
        # The file's own address is that of the storage, which serves nobody.
        names = [name for name in own[1]["fields"] if name != "file"]
        return [(own[0], {"fields": [*names, "result"]}), *rest]

    def render_change_form(self, request, context, *args, **kwargs):
        after = _place(request.GET.get("rows", ""))
        lines = list_lines(
            plan=kwargs["obj"], outcome=PlanOutcome.REFUSED, after=after, limit=ROWS_SHOWN + 1
        )
        context["reasons"] = list_reasons(plan=kwargs["obj"])
        context["refused_lines"] = lines[:ROWS_SHOWN]
        context["refused_from_start"] = after == (0, 0)
        if len(lines) > ROWS_SHOWN:
            last = lines[ROWS_SHOWN - 1]
            context["refused_following"] = f"{last.row_no}-{last.position}"
        return super().render_change_form(request, context, *args, **kwargs)


def _place(text):
    """The row and the position to go on after; the start for what is no place."""
    numbers = text.split("-")
    if len(numbers) != 2 or not all(_is_number(number) for number in numbers):
        return 0, 0
    return int(numbers[0]), int(numbers[1])


def _is_number(text):
    return text.isascii() and text.isdigit() and len(text) < 10
