"""The wording of a letter as a form."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from ostatok.console.described import DescribedForm
from ostatok.console.letters import places
from ostatok.console.letters.places import Place
from ostatok.ledger import searching
from ostatok.ledger.searching import Search
from ostatok.notices.rendering import MessageTemplate
from ostatok.notices.source import SOURCE_LIMIT
from ostatok.parties.access import Actor
from ostatok.parties.models import Client


class LetterForm(DescribedForm):
    """Subject, text and HTML of one place; a part left empty is the product's own."""

    section: ClassVar[str] = "templates"

    subject = forms.CharField(label=_("Subject"), required=False, max_length=2_000)
    text = forms.CharField(
        label=_("Text"),
        required=False,
        strip=False,
        max_length=SOURCE_LIMIT,
        widget=forms.Textarea({"rows": 14, "spellcheck": "true", "class": "code"}),
        help_text=_("For mail programs that show no HTML. Lines stay lines."),
    )
    html = forms.CharField(
        label=_("HTML"),
        required=False,
        strip=False,
        max_length=SOURCE_LIMIT,
        widget=forms.Textarea({"rows": 14, "spellcheck": "false", "class": "code"}),
        help_text=_("What stands inside the frame of the letter. Empty: the letter is text only."),
    )

    def __init__(self, data: Any, *, place: Place) -> None:
        super().__init__(data, about=place)
        self.at = place

    def read(self, about: Place) -> dict[str, Any]:
        in_force = about.in_force()
        return {"subject": in_force.subject, "text": in_force.text, "html": in_force.html}

    def again(self) -> Place:
        return places.again(self.at)

    def template(self) -> MessageTemplate:
        """The wording as written, valid or not."""
        data = {name: str(self.data.get(name, "")).replace("\r\n", "\n") for name in ("subject", "text", "html")}
        return MessageTemplate(language=self.at.language, **data)

    def item(self) -> dict[str, Any]:
        """The template as a description states it."""
        written = self.template()
        return {
            **known_by(self.at),
            "subject": written.subject,
            "text": written.text,
            "html": written.html,
        }


class OnWhomForm(forms.Form):
    """Whose figures a wording is tried with."""

    client = forms.CharField(label=_("Try it on"), required=False, max_length=250)

    def chosen(self, actor: Actor, place: Place) -> Client | None:
        """The client of that number or name, of the organization or below it; nobody: made-up figures."""
        written = str(self.data.get("client", "")).replace("\0", "").strip()[:250]
        rows = Client.objects.visible_to(actor).filter(organization__path__contains=[place.organization.pk])
        rows = rows.select_related("organization")
        if not written:
            return rows.order_by("pk").first()
        named = Search(text=written, organization=place.organization.pk)
        return rows.filter(code=written).first() or next(iter(searching.clients(actor, named, size=1).items), None)


def known_by(place: Place) -> dict[str, str]:
    """How a description names a place."""
    return {
        "organization": place.organization.code,
        "kind": place.kind,
        "channel": place.channel,
        "language": place.language,
    }
