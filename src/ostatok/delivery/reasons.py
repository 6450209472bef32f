"""Why a delivery was not sent, waits, or is not known to have been sent: closed lists, with plain words for each.

A delivery and its attempts store a reason's value and a `detail`: what the provider answered, or, of `recovered`, the
seconds from the notice to the top-up.
"""

from decimal import Decimal, InvalidOperation
from enum import StrEnum

from ostatok.delivery import reason_words
from ostatok.kernel import text, units


class DropReason(StrEnum):
    """Not sent, and will not be: there is no occasion or no one to tell any more."""

    CLIENT_CLOSED = "client_closed"
    RECIPIENT_INACTIVE = "recipient_inactive"
    CHANNEL_OFF = "channel_off"
    RULE_OFF = "rule_off"
    RECOVERED = "recovered"
    TOP_UP_REVERSED = "top_up_reversed"
    NO_MARK = "no_mark"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    NO_RECIPIENT = "no_recipient"
    NO_ADDRESS = "no_address"
    BAD_ADDRESS = "bad_address"
    SAME_ADDRESS = "same_address"
    ROLE_LOST = "role_lost"
    UNSUBSCRIBED = "unsubscribed"
    NOBODY_RUNS_OUT = "nobody_runs_out"


class WaitReason(StrEnum):
    """Not sent yet; nobody tried."""

    PROVIDER_DOWN = "provider_down"


class TemporaryReason(StrEnum):
    """An attempt failed; another may succeed."""

    TRY_LATER = "try_later"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    CONNECTION_CLOSED = "connection_closed"
    AUTHENTICATION = "authentication"
    TLS = "tls"
    SENDER_REFUSED = "sender_refused"
    UNEXPECTED_REPLY = "unexpected_reply"
    INTERNAL_ERROR = "internal_error"


class PermanentReason(StrEnum):
    """An attempt failed, and so would any other."""

    ADDRESS_REFUSED = "address_refused"
    MESSAGE_REFUSED = "message_refused"
    UNSENDABLE = "unsendable"


class UnknownReason(StrEnum):
    """Nobody saw how an attempt ended: the message may have been sent, or not."""

    NO_REPLY = "no_reply"
    WORKER_DIED = "worker_died"
    INTERRUPTED = "interrupted"


Reason = DropReason | WaitReason | TemporaryReason | PermanentReason | UnknownReason

ALL: tuple[Reason, ...] = (*DropReason, *WaitReason, *TemporaryReason, *PermanentReason, *UnknownReason)


#: Not sent for want of what somebody must mend first; every other reason not to send is a good one.
_TO_MEND = (DropReason.NO_RECIPIENT, DropReason.NO_ADDRESS, DropReason.BAD_ADDRESS)


def must_be_mended(state: str, reason: str) -> bool:
    """Whether somebody must mend something before such a delivery or notice can be sent."""
    return state in ("dead", "failed") or (state == "dropped" and reason in _TO_MEND)


def explain(*, state: str, reason: str, detail: str, language: str) -> str:
    """The state of a delivery or notice in plain words: `не отправлено: баланс пополнен через 14 с`.

    `state` is a DeliveryState or NoticeState, `reason` any of ALL or empty.
    """
    language = text.known_language(language)
    said = words(reason, detail, language)
    standing = reason_words.STATES[_STANDING.get(state, state)][language]
    return f"{standing}: {said}" if said and state != "sent" else standing


# A notice's states beside those of a delivery.
_STANDING = {"failed": "dead"}


def words(reason: str, detail: str, language: str) -> str:
    """The reason alone, as explain and a list of attempts show it; an unknown one stands for itself."""
    language = text.known_language(language)
    if reason == DropReason.RECOVERED and (after := _seconds(detail)):
        return reason_words.TOPPED_UP_AFTER[language].format(after=_duration(after, language))
    said = reason_words.REASONS[reason][language] if reason in reason_words.REASONS else reason
    return f"{said} ({detail})" if detail and reason != DropReason.RECOVERED else said


def _seconds(detail: str) -> Decimal | None:
    try:
        return Decimal(detail)
    except InvalidOperation:
        return None


def _duration(seconds: Decimal, language: str) -> str:
    unit = "s" if seconds < 120 else "min" if seconds < 7200 else "h"
    return units.format_amount(seconds, unit, language, short=True)
