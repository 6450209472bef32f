"""The channels of this installation, by the name that rules call them by."""

from collections.abc import Mapping

from django.conf import settings

from ostatok.delivery.channels.base import Channel
from ostatok.delivery.channels.email import EmailChannel
from ostatok.delivery.channels.email import url as email_url
from ostatok.delivery.channels.email.url import BadEmailUrl


def configured() -> Mapping[str, Channel]:
    """All channels, as the settings describe them; nothing is connected yet. Raises BadEmailUrl."""
    return {"email": EmailChannel(email_url.parse(settings.OSTATOK_EMAIL_URL or ""))}


def available() -> Mapping[str, Channel]:
    """The same for pages, which are there before any channel is: none, where none is set up."""
    try:
        return configured()
    except BadEmailUrl:
        return {}
