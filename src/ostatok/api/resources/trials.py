"""A wording is tried before it is saved; and what a wording may speak of."""

from typing import Literal

from django.utils.timezone import now
from ninja import Router
from ninja.responses import Status
from pydantic import Field

from ostatok.api import addressing, repeating
from ostatok.api.auth import needs, require
from ostatok.api.fields import Asked, Code, OwnOrganization, Told
from ostatok.api.problems import Kind, Refused
from ostatok.api.repeating import IdempotencyKey
from ostatok.delivery import reasons, trial, trying
from ostatok.delivery.channels import registry
from ostatok.delivery.channels.base import Delivered
from ostatok.delivery.trying import Tried
from ostatok.notices import checking, variables
from ostatok.notices.rendering import MessageTemplate, Rendered
from ostatok.parties import audit
from ostatok.parties.access import Key, Permission
from ostatok.parties.models import Client, Language, Organization, User
from ostatok.rules.models import TriggerKind
from ostatok.web import requests
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


class Sent(Told):
    """What became of a test."""

    sent: bool = Field(description="Whether it was handed over to the mail server.", examples=[True])
    to: str = Field(examples=["anna@energo.test"])
    reason: str = Field(description="Why not; empty where it was.", examples=[""])
    explained: str = Field(description="The same in words.", examples=[""])


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
    found = _tried(request, wording, addressing.home(request.actor, organization))
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


@router.post("template-tests", response={201: Sent})
@needs(Permission.CHANGE_TEMPLATES)
def send_template_test(
    request: FaceRequest,
    wording: Wording,
    organization: OwnOrganization = None,
    idempotency_key: IdempotencyKey = None,
) -> Status[Sent]:
    """Send a wording to yourself, to be seen in a mail program. A key has no mailbox: this takes a session.

    With an `Idempotency-Key`, the same again sends nothing and answers the same.
    """
    place = addressing.home(request.actor, organization)
    require(request.actor, Permission.CHANGE_TEMPLATES, place)
    if isinstance(request.actor, Key) or not isinstance(request.user, User):
        raise Refused(Kind.CONFLICT, "A key has no mailbox: a test is sent to whoever is signed in.")
    letter = _tried(request, wording, place).rendered
    if letter is None:
        raise Refused(Kind.INVALID, "The wording has a mistake: try it first.")
    with repeating.once(request, place, idempotency_key) as call:
        if call.kept:
            return call.replay()
        subject = f"template {place.code}"
        audit.record(request.actor, "template.tried", subject, place, {}, requests.origin(request), now())
        call.keep("a test")
    answer = Status(201, _sent(letter, wording, place, request.user.email))
    call.add(answer)
    return answer


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


def _tried(request: FaceRequest, wording: Wording, place: Organization) -> Tried:
    return trying.render(
        MessageTemplate(language=wording.language, subject=wording.subject, text=wording.text, html=wording.html),
        wording.kind,
        wording.channel,
        client=_client(request, wording.client, place),
        may_send_pin=place.may_send_pin,
        now=now(),
    )


def _sent(letter: Rendered, wording: Wording, place: Organization, address: str) -> Sent:
    outcome = trial.send(
        letter,
        address=address,
        sender_name=place.name,
        sender_address=trying.sender_address(place),
        language=wording.language,
        channels=registry.available(),
        channel=wording.channel,
        now=now(),
    )
    if isinstance(outcome, Delivered):
        return Sent(sent=True, to=address, reason="", explained="")
    explained = reasons.words(outcome.reason, outcome.detail, Language.ENGLISH)
    return Sent(sent=False, to=address, reason=outcome.reason, explained=explained)


def _client(request: FaceRequest, code: str | None, place: Organization) -> Client | None:
    """A client of the organization or of one below it."""
    if code is None:
        return None
    below = Client.objects.visible_to(request.actor).filter(organization__path__contains=[place.pk])
    own = below.filter(organization=place, code=code).first()
    return own or addressing.one(below, code=code)
