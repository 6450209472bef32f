"""E-mail over SMTP."""

from ostatok.delivery.channels.email.channel import EmailChannel

__all__ = ["EmailChannel"]
