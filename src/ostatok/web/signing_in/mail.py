"""Mails of signing in: written in the reader's language, framed as all our letters are, sent at once.

They do not go through the outbox: whoever resets a password waits for this mail at the screen. None of them ever holds
a password.
"""

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends import smtp
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from markupsafe import Markup

from ostatok.delivery.channels.email import addresses, mime, url
from ostatok.delivery.channels.email.url import Security
from ostatok.kernel import text
from ostatok.kernel.errors import OstatokError
from ostatok.notices import layout, sandbox
from ostatok.parties.models import Organization, User

#: What going wrong means that a mail did not leave.
FAILURES: Final = (smtplib.SMTPException, OSError, OstatokError)
#: What a letter's one link is called by whoever has it written.
_LINKS: Final = ("link", "password_reset_url", "activate_url")


def is_there() -> bool:
    """Whether this installation has a mail server: one was named, or one answers where it is looked for unnamed.

    A server that was named and does not answer is there: whoever waits for its mail waits on.
    """
    if settings.OSTATOK_EMAIL_URL not in (None, "", settings.OSTATOK_EMAIL_UNNAMED):
        return True
    try:
        with get_connection():
            return True
    except FAILURES:
        return False


class Backend(smtp.EmailBackend):
    """Django's SMTP, to the server of OSTATOK_EMAIL_URL, which is read when the first mail is sent."""

    def __init__(self, *, fail_silently: bool = False, **_options: Any) -> None:
        self._server = server = url.parse(str(settings.OSTATOK_EMAIL_URL))
        super().__init__(
            host=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.security is Security.STARTTLS,
            use_ssl=server.security is Security.TLS,
            timeout=min(server.timeout.total_seconds(), settings.EMAIL_TIMEOUT),
            fail_silently=fail_silently,
        )

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Plain `smtp:` secures the connection where the server offers it, as the worker does."""
        return _IfOffered if self._server.security is Security.IF_OFFERED else super().connection_class


class _IfOffered(smtplib.SMTP):
    """TLS where the server offers it, its certificate not checked: better than plain text, no more than that."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        try:
            self.ehlo_or_helo_if_needed()
            if self.has_extn("starttls"):
                self.starttls(context=_unchecked())
        except BaseException:
            self.close()
            raise


def _unchecked() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """Who writes: the reader's own organization, or the installation where the reader has none."""

    name: str = "Ostatok"
    address: str = ""
    phone: str = ""
    timezone: str = "UTC"


def sender_for(user: User | None) -> Sender:
    """The organization a user works for or is a client of."""
    return sender_of(_organization_of(user)) if user else Sender()


def sender_of(organization: Organization | None) -> Sender:
    """The organization as a sender; an address it lacks comes from the nearest one above it that has one."""
    if organization is None:
        return Sender()
    above = Organization.objects.filter(pk__in=organization.path).exclude(email="").order_by("-path__len")
    nearest = organization if organization.email else above.first()
    address = nearest.email if nearest else ""
    zone = organization.timezone
    return Sender(name=organization.name, address=address, phone=organization.phone, timezone=zone)


def _organization_of(user: User) -> Organization | None:
    return (
        Organization.objects.filter(memberships__user=user).order_by("path__len", "pk").first()
        or Organization.objects.filter(clients__client_users__user=user).order_by("pk").first()
    )


def send(template: str, *, to: str, language: str, sender: Sender, context: Mapping[str, Any]) -> None:
    """Write and send one mail. `template` names a letter, such as `account/email/password_reset_key`.

    Raises one of FAILURES if it did not leave.
    """
    compose(template, to=to, language=language, sender=sender, context=context).send()


def compose(
    template: str, *, to: str, language: str, sender: Sender, context: Mapping[str, Any]
) -> EmailMultiAlternatives:
    """The mail as text and HTML. The letter's blocks are rendered three times, each time into another frame."""
    language = text.known_language(language)
    with translation.override(language):
        values = {**_told(context, sender, language), "sender": sender, "email": to}
        first_line, plain, content = (
            render_to_string(f"{template}.html", {**values, "form": f"account/email/{form}"})
            for form in ("subject.txt", "letter.txt", "letter.html")
        )
        subject = text.one_line(first_line)
        html = _framed(content, subject=subject, sender=sender, language=language)
    mail = EmailMultiAlternatives(
        subject, _paragraphs(plain), _from(sender), [to], headers={"Auto-Submitted": "auto-generated"}
    )
    mail.attach_alternative(html, "text/html")
    return mail


def _told(context: Mapping[str, Any], sender: Sender, language: str) -> dict[str, Any]:
    """What the letters call by one name: the one link of a mail, and when something was done."""
    link = next((context[name] for name in _LINKS if context.get(name)), "")
    at = context.get("timestamp")
    when = f"{text.day_and_time(at, language, ZoneInfo(sender.timezone))} ({sender.timezone})" if at else ""
    return {**context, "link": link, "when": when}


def _framed(content: str, *, subject: str, sender: Sender, language: str) -> str:
    source = layout.frame(
        language=language,
        automatic=_("You receive this because your address is used to sign in."),
        content="{{ content }}",
    )
    values = {
        "content": Markup(content),  # noqa: S704 (rendered by Django, which escaped what was put in)
        "masthead": sender.name,
        "service_name": subject,
        "signature": " · ".join(filter(None, (sender.name, sender.phone, sender.address))),
    }
    return sandbox.run(sandbox.compiled(source, html=True), values)


def _from(sender: Sender) -> str:
    """Unfolded: Django folds headers itself."""
    address = addresses.ascii_form(sender.address) or settings.DEFAULT_FROM_EMAIL
    return " ".join(mime.mailbox(sender.name, address).split())


def _paragraphs(plain: str) -> str:
    """Blocks that say nothing leave empty lines behind."""
    lines = (line.strip() for line in plain.splitlines())
    paragraphs = "\n".join(lines).split("\n\n")
    return "\n\n".join(filter(None, (paragraph.strip() for paragraph in paragraphs))) + "\n"
