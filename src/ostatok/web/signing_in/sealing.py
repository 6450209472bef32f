"""Secrets of second factors, encrypted with a key made of SECRET_KEY; those of SECRET_KEY_FALLBACKS still open them.

`renew` seals anew what an old key has sealed, so that the old key may go (docs/operate.md).
"""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import connection
from django.utils.encoding import force_bytes

from ostatok.kernel.errors import OstatokError

#: So many are sealed anew by one statement; what was done stays done, whatever ends the work.
PIECE: Final = 1000
#: Where allauth keeps what it had encrypted; passkeys hold no secret.
_FIELDS: Final = {Authenticator.Type.TOTP.value: "secret", Authenticator.Type.RECOVERY_CODES.value: "seed"}

# Only the secret, and only if nobody has changed it meanwhile: which recovery codes were used stands beside it.
_RENEW: Final = """
update mfa_authenticator kept set data = jsonb_set(kept.data, array[new.field], to_jsonb(new.sealed))
from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) as new (id, field, was, sealed)
where kept.id = new.id and kept.data ->> new.field = new.was
"""


class Unreadable(OstatokError):
    """No key opens a secret of a second factor: the one it was sealed with is gone."""

    #: A template that asks for it shows nothing in its place.
    silent_variable_failure = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Renewal:
    """What became of the secrets: `renewed` had been sealed with an old key, `left` still are; `lost` says whose no key
    opens.
    """

    secrets: int
    renewed: int
    left: int
    lost: Sequence[str]


@dataclass(kw_only=True, slots=True)
class _Seen:
    secrets: int = 0
    old: int = 0
    lost: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sealed:
    """A secret as it is kept."""

    id: int
    email: str
    field: str
    text: str


def seal(text: str) -> str:
    """Encrypt a text with the key of today."""
    return _keys().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text, whichever of the keys it was encrypted with. Raises Unreadable."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable(Unreadable.__doc__) from None


def renew(*, dry_run: bool = False) -> Renewal:
    """Seal anew what an old key has sealed; under `dry_run` only look. May be repeated, and interrupted."""
    seen = _look(renewing=not dry_run)
    left = seen.old if dry_run else _look(renewing=False).old
    return Renewal(secrets=seen.secrets, renewed=seen.old, left=left, lost=tuple(sorted(set(seen.lost))))


def _look(*, renewing: bool) -> _Seen:
    """At all secrets. Those that a host with the old key writes meanwhile are found by a second look."""
    seen, today, keys = _Seen(), _fernet(settings.SECRET_KEY), _keys()
    for piece in _pieces():
        old = [one for one in piece if not _opens(today, one)]
        lost = [one for one in old if not _opens(keys, one)]
        old = [one for one in old if one not in lost]
        seen.secrets += len(piece)
        seen.old += len(old)
        seen.lost += [one.email for one in lost]
        if renewing and old:
            _write([(one, keys.rotate(one.text).decode()) for one in old])
    return seen


def _pieces() -> Iterator[list[_Sealed]]:
    last = 0
    while rows := list(
        Authenticator.objects.filter(type__in=_FIELDS, pk__gt=last)
        .order_by("pk")
        .values_list("pk", "user__email", "type", "data")[:PIECE]
    ):
        last = rows[-1][0]
        yield [
            _Sealed(id=pk, email=email, field=_FIELDS[kind], text=data[_FIELDS[kind]]) for pk, email, kind, data in rows
        ]


def _write(renewed: Sequence[tuple[_Sealed, str]]) -> None:
    columns = zip(*((one.id, one.field, one.text, text) for one, text in renewed), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, [list(column) for column in columns])


def _opens(key: Fernet | MultiFernet, one: _Sealed) -> bool:
    try:
        key.decrypt(one.text)
    except InvalidToken:
        return False
    return True


def _keys() -> MultiFernet:
    """The key of today, which seals, and the old ones, which still open."""
    return MultiFernet([_fernet(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _fernet(secret: str | bytes) -> Fernet:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"ostatok second factors")
    return Fernet(base64.urlsafe_b64encode(derived.derive(force_bytes(secret))))
