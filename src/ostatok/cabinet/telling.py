"""What we told a client, in the client's words: the finding, when, to which address, and whether it arrived."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ostatok.delivery import reasons
from ostatok.delivery.models import Delivery, DeliveryMessage, DeliveryState
from ostatok.delivery.reasons import DropReason
from ostatok.kernel import text
from ostatok.ledger.standing import Band, band_of
from ostatok.notices.models import Notice
from ostatok.parties.access import Actor
from ostatok.rules.models import TriggerKind
from ostatok.web import reading

#: Newest first; a notice's id grows with time.
ORDER: Final = ("-id",)

_LETTERS: Final[Mapping[str, Promise]] = {
    DeliveryState.WAITING: gettext_lazy("A letter to %(address)s is on its way."),
    DeliveryState.SENDING: gettext_lazy("A letter to %(address)s is on its way."),
    DeliveryState.SENT: gettext_lazy("A letter was sent to %(address)s."),
    DeliveryState.DEAD: gettext_lazy("A letter to %(address)s could not be delivered."),
    DeliveryState.UNKNOWN: gettext_lazy("A letter to %(address)s was sent; whether it arrived is not known."),
}
#: Reasons for which no letter was sent that are nobody's fault; of others the client hears no more than that.
_GOOD_REASONS: Final = frozenset(
    {DropReason.RECOVERED, DropReason.SUPERSEDED, DropReason.TOP_UP_REVERSED, DropReason.EXPIRED}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """What became of one letter, in a sentence. `to_read`: the delivery whose text was kept, if it was."""

    told: str
    failed: bool
    to_read: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One thing we told: the finding, whose colour is `band`, and its letters."""

    headline: str
    band: Band
    account: str
    at: datetime
    letters: tuple[Letter, ...]


def rows(actor: Actor) -> QuerySet[Notice]:
    """Notices that the customer was to hear of: those that only the operator gets are none of them."""
    mine = Delivery.objects.visible_to(actor).filter(notice=OuterRef("pk"), recipient="client")
    return Notice.objects.visible_to(actor).filter(Exists(mine)).select_related("balance__service", "account")


def newest(actor: Actor, count: int) -> list[Told]:
    """The last things that were told, the newest first."""
    return told(actor, list(rows(actor).order_by(*ORDER)[:count]))


def told(actor: Actor, notices: Sequence[Notice]) -> list[Told]:
    """These notices in words: two queries, however many there are."""
    letters = _letters(actor, notices)
    return [
        Told(
            headline=_headline(notice),
            band=_band(notice),
            account=notice.account.number,
            at=notice.raised_at,
            letters=tuple(letters[notice.pk]),
        )
        for notice in notices
    ]


def _letters(actor: Actor, notices: Iterable[Notice]) -> Mapping[int | None, Sequence[Letter]]:
    deliveries = list(Delivery.objects.visible_to(actor).filter(notice__in=notices, recipient="client").order_by("pk"))
    kept = DeliveryMessage.objects.visible_to(actor).filter(delivery__in=deliveries).values_list("delivery", flat=True)
    readable = set(kept)
    found: defaultdict[int | None, list[Letter]] = defaultdict(list)
    for one in deliveries:
        found[one.notice_id].append(
            Letter(
                told=_became(one),
                failed=one.state == DeliveryState.DEAD,
                to_read=one.pk if one.pk in readable else None,
            )
        )
    return found


def _became(delivery: Delivery) -> str:
    if delivery.state in _LETTERS:
        return str(_LETTERS[delivery.state]) % {"address": masked(delivery.address)}
    if delivery.reason not in _GOOD_REASONS:
        return _("No letter was sent.")
    return _("No letter was sent: %(why)s.") % {
        "why": reasons.words(delivery.reason, delivery.detail, reading.language())
    }


def masked(address: str) -> str:
    """`b•••@romashka.test`: enough to know one's own address by, and no more."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}•••{at}{domain}" if at else _("no address")


def _band(notice: Notice) -> Band:
    return Band.CRIT if notice.available <= 0 else band_of(notice.percent)


def _headline(notice: Notice) -> str:
    service = notice.balance.service
    if notice.kind == TriggerKind.BALANCE_ABOVE:
        there = reading.amount(notice.amount, service.unit, long=True)
        return _("%(service)s: %(left)s there.") % {"service": service.name, "left": there}
    told: dict[str, Any] = {"service": service.name, "left": reading.left(notice.amount, service.unit, long=True)}
    if notice.available <= 0:
        return _("%(service)s: nothing is left.") % told
    if notice.kind == TriggerKind.BALANCE_BELOW and notice.threshold is not None:
        told["threshold"] = reading.amount(notice.threshold, service.unit)
        return _("%(service)s: %(left)s, less than %(threshold)s.") % told
    if notice.lasts_until is not None:
        told["until"] = text.day_and_time(notice.lasts_until, reading.language(), reading.zone())
        return _("%(service)s: %(left)s, enough until %(until)s.") % told
    if notice.percent is not None and notice.mark:
        told["mark"] = reading.amount(notice.mark, service.unit)
        return _("%(service)s: %(left)s of %(mark)s.") % told
    return _("%(service)s: %(left)s.") % told
