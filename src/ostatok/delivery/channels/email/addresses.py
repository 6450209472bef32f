"""E-mail addresses as SMTP wants them."""

import re
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.encoding import punycode

# Addresses of a closed network (ops@energo.local, root@localhost) are as good as any; `email_validator` refuses them.
_validate = EmailValidator(allowlist=["localhost"])
# Quoted local parts are allowed by RFC 5321, used by nobody, and a way to smuggle.
_PLAIN = re.compile(r"[!#-;=?-~]+")


@lru_cache(maxsize=16384)
def ascii_form(address: str) -> str:
    """The address with its domain in IDNA, or an empty string if it cannot be one. Asks no name server."""
    try:
        _validate(address)
        local, _, domain = address.rpartition("@")
        form = f"{local}@{punycode(domain)}"
    except (ValidationError, UnicodeError):
        return ""
    return form if _PLAIN.fullmatch(form) else ""
