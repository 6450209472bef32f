"""Codes of apps that were used: each is taken once (RFC 6238, 5.2).

They stand in a table of their own, `used_code`; `period` is the half minute, counted from 1970, that shows a code.
"""

from datetime import datetime, timedelta
from typing import Final

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from allauth.mfa.utils import decrypt
from django.db import connection

#: Far longer than a code is valid on any clock that is put up with.
KEPT: Final = timedelta(hours=1)

_TAKE: Final = "insert into used_code (user_id, period) values (%s, %s) on conflict do nothing"
_FORGET: Final = "delete from used_code where period < %s"


def period_of(app: Authenticator, code: str) -> int | None:
    """The period in which the user's app shows this code; None: in none that counts now."""
    secret = decrypt(app.data["secret"])
    for period in auth.yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=auth.format_hotp_value(auth.hotp_value(secret, period))):
            return int(period)
    return None


def take(user_id: int, period: int) -> bool:
    """Use up what a user's app shows in a period; False: it was used."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [user_id, period])
        taken: int = cursor.rowcount
    return taken > 0


def forget(*, before: datetime) -> int:
    """Forget codes that were shown before a moment. Returns how many."""
    period = int(before.timestamp()) // app_settings.TOTP_PERIOD
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [period])
        forgotten: int = cursor.rowcount
    return forgotten
