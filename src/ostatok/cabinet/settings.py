"""Settings: what can be changed, each a step away, and how it stands now."""

from typing import cast

from django.http import HttpRequest, HttpResponse

from ostatok.cabinet.pages import CabinetPage
from ostatok.parties.models import Client, User
from ostatok.web.signing_in import second_factor, sessions


class Settings(CabinetPage):
    """Name, language, and how one signs in; their pages are those of signing in."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = cast(User, request.user)
        return self.answer(
            "cabinet/settings.html",
            second_factor=second_factor.had_by(user),
            session_count=len(sessions.of(user)),
            addresses=[client for client in self.clients if client.status != Client.Status.CLOSED],
        )
