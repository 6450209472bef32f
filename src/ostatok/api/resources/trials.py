"""A wording is tried before it is saved; and what a wording may speak of."""

from typing import Literal

from django.utils.timezone import now
from ninja import Router
from pydantic import Field

from ostatok.api import addressing
from ostatok.api.auth import require
from ostatok.api.fields import Asked, Code, OwnOrganization, Told
from ostatok.notices import checking, trying, variables
from ostatok.notices.rendering import MessageTemplate
from ostatok.parties.access import Permission
from ostatok.parties.models import Client, Language
from ostatok.rules.models import TriggerKind
from ostatok.web.requests import FaceRequest

router = Router(tags=["templates"])


class Wording(Asked):
    """A wording to be tried; what it leaves empty is the product's own."""

    kind: TriggerKind = Field(description="For which trigger.", examples=["balance_band"])
    channel: Literal["email"] = Field(default="email", examples=["email"])
    language: Language = Field(examples=["ru"])
    subject: str = Field(default="", max_length=100_000, examples=["{{ service_name }}: {{ left }}"])
    text: str = Field(default="", max_length=100_000, examples=["{{ client_name }}, {{ left }}."])
    html: str = Field(default="", max_length=100_000, examples=[""])
    client: Code | None = Field(
        default=None, description="On the figures of this client; on made-up ones without.", examples=["c1"]
    )


class MistakeTold(Told):
    """What is wrong with a wording."""

    severity: checking.Severity = Field(description="An error keeps it from being saved.", examples=["error"])
    part: str = Field(description="subject, text or html; empty: all of it.", examples=["text"])
    line: int | None = Field(description="In that part, from 1; null: all of it.", examples=[1])
    message: str = Field(examples=["there is no variable 'secret'"])


class Trial(Told):
    """How the letter would look now; null while an error keeps it from being one."""

    problems: list[MistakeTold]
    subject: str | None = Field(examples=["АД: 15 мин"])
    text: str | None = Field(examples=["ООО «Ромашка», 15 мин."])
    html: str | None = Field(examples=["<p>ООО «Ромашка», 15 мин.</p>"])


class VariableTold(Told):
    """One name that a wording may use."""

    name: str = Field(examples=["left"])
    type: str = Field(examples=["amount"])
    meaning: str = Field(examples=["What is left now: the balance less what is held"])
    example: str = Field(description="As it prints in an English letter.", examples=["15 minutes"])
    may_be_missing: bool = Field(examples=[False])


@router.post("template-trials", response=Trial)
def try_template(request: FaceRequest, wording: Wording, organization: OwnOrganization = None) -> Trial:
    """How a wording would look for a client, and what is wrong with it. Nothing is saved or sent."""
    require(request.actor, Permission.SEE)
    place = addressing.home(request.actor, organization)
    found = trying.render(
        MessageTemplate(language=wording.language, subject=wording.subject, text=wording.text, html=wording.html),
        wording.kind,
        wording.channel,
        client=_client(request, wording.client, place.code if organization else None),
        may_send_pin=place.may_send_pin,
        now=now(),
    )
    letter = found.rendered
    return Trial(
        problems=[
            MistakeTold(severity=each.severity, part=each.part, line=each.line, message=each.message)
            for each in found.problems
        ],
        subject=letter.subject if letter else None,
        text=letter.text if letter else None,
        html=letter.html if letter else None,
    )


@router.get("template-variables", response=list[VariableTold])
def list_template_variables(request: FaceRequest) -> list[VariableTold]:
    """All that a wording may speak of."""
    require(request.actor, Permission.SEE)
    return [
        VariableTold(
            name=each.name,
            type=each.type,
            meaning=each.meaning,
            example=each.example,
            may_be_missing=each.nullable,
        )
        for each in variables.VARIABLES
    ]


def _client(request: FaceRequest, code: str | None, organization: str | None) -> Client | None:
    if code is None:
        return None
    return addressing.one(Client.objects.visible_to(request.actor), organization, code=code)
