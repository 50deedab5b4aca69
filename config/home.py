from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_safe


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponseRedirect:
    """Everybody's first page: the admin for staff, the scan pages for the others."""
    return redirect("admin:index" if request.user.is_staff else "scan:home")
