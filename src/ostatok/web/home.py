"""The front door: everyone is led to their own face."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.generic import View

from ostatok.parties.models import User


class Home(View):
    """Staff to the console, clients to the cabinet, nobody to sign in; who is neither is told whom to ask."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return redirect("account_login")
        staff = user.is_superuser or user.memberships.exists()
        if not staff and not user.client_users.exists():
            return render(request, "account/nothing_yet.html")
        return redirect("console:dashboard" if staff else "cabinet:start")
