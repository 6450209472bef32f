"""A delivery's facts as a message in the recipient's language, by the organization's own template or the default.

A digest is worded by the product alone.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from psycopg import AsyncConnection

from ostatok.delivery import digests, facts
from ostatok.delivery.channels.base import Message
from ostatok.delivery.facts import Row, Use, Words
from ostatok.kernel import logs
from ostatok.notices import defaults, digest_letter, rendering, sandbox, variables
from ostatok.notices.digest_letter import Digest, Line
from ostatok.notices.rendering import MessageTemplate, Rendered
from ostatok.notices.sandbox import Clock
from ostatok.notices.source import TemplateError, TooMuchWork
from ostatok.notices.values import EntryLine

_KEPT_TEMPLATES = 1000
#: So long a template that did too much is not tried again: each try holds up the letters of all organizations.
_PASSED_OVER_FOR = timedelta(minutes=10)
#: Where the run-out list is, below the site.
_RUN_OUT = "console/run-out/"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """What is handed to the channel, and what of it may be stored."""

    message: Message
    kept: Rendered


class Writer:
    """Words messages; remembers organizations' templates, which never change once saved.

    `clock` is what the time that a template takes is measured by.
    """

    def __init__(self, *, clock: Clock = sandbox.clock) -> None:
        self._clock = clock
        self._templates: dict[int, MessageTemplate] = {}
        self._passed_over: dict[int, datetime] = {}
        self._entries: Mapping[int, Sequence[EntryLine]] = {}
        self._lines: Mapping[int, Sequence[Line]] = {}

    async def prepare_digests(self, connection: AsyncConnection, rows: Sequence[digests.Row], now: datetime) -> None:
        """Fetch the lines of these digests."""
        self._lines = await digests.fetch_lines(connection, [row.id for row in rows], now) if rows else {}

    async def prepare(self, connection: AsyncConnection, rows: Sequence[Row]) -> None:
        """Fetch what the messages of these deliveries need beyond their facts."""
        if len(self._templates) > _KEPT_TEMPLATES:
            self._templates.clear()
        missing = {row.template_id for row in rows if row.template_id is not None} - self._templates.keys()
        if missing:
            self._templates |= await facts.fetch_templates(connection, sorted(missing))
        listing = sorted({row.balance_id for row in rows if _lists_entries(self._templates.get(row.template_id or 0))})
        self._entries = await facts.fetch_last_entries(connection, listing) if listing else {}

    def write_digest(self, row: digests.Row, now: datetime) -> Letter:
        """The letter of one digest with the lines of now."""
        rendered = digest_letter.render(_digest(row, now, self._lines.get(row.id, ())))
        return Letter(message=_message(row, now, rendered), kept=rendered)

    def write(self, row: Row, use: Use, now: datetime) -> Letter:
        """The message of one delivery with the figures of its facts. Raises TemplateError, NoDefaultTemplateError.

        A template of the organization that fails is passed over: an ordinary warning is better than none.
        """
        values = variables.build(facts_of(row, use, now, self._entries.get(row.balance_id, ())))
        return self._own_letter(row, values, now) or self._letter(
            row, now, defaults.message(row.kind, row.channel, row.language), values
        )

    def _own_letter(self, row: Row, values: variables.Variables, now: datetime) -> Letter | None:
        id_ = row.template_id or 0
        own, passed_over_until = self._templates.get(id_), self._passed_over.get(id_)
        if own is None or (passed_over_until and now < passed_over_until):
            return None
        try:
            return self._letter(row, now, defaults.completed(own, row.kind, row.channel), values)
        except TemplateError as error:
            logs.event(_log, logging.WARNING, "template failed", template=id_, error=str(error))
            if isinstance(error, TooMuchWork):
                self._passed_over[id_] = now + _PASSED_OVER_FOR
        return None

    def _letter(self, row: Row, now: datetime, template: MessageTemplate, values: variables.Variables) -> Letter:
        rendered = rendering.render_message(template, values, clock=self._clock)
        kept = rendering.for_keeping(template, values, rendered, clock=self._clock)
        return Letter(message=_message(row, now, rendered), kept=kept)


def _message(row: Row | digests.Row, now: datetime, rendered: Rendered) -> Message:
    return Message(
        delivery_id=row.id,
        reference=reference(row.id, row.created_at),
        address=row.address,
        sender_name=row.organization_name,
        sender_address=row.sender_address,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        language=row.language,
        date=now.astimezone(_zone(row.timezone)),
    )


def _digest(row: digests.Row, now: datetime, lines: Sequence[Line]) -> Digest:
    signature = (row.organization_name, row.organization_phone, row.sender_address)
    return Digest(
        language=row.language,
        zone=_zone(row.timezone),
        as_of=now,
        organization=row.organization_name,
        signature=" · ".join(filter(None, signature)),
        mine=row.mine,
        lines=lines,
        count=min(row.lines, digests.COUNTED),
        capped=row.lines > digests.COUNTED,
        url=f"{row.site}{_RUN_OUT}{'?whose=mine' if row.mine else ''}",
    )


def reference(delivery_id: int, created_at: datetime) -> str:
    """The delivery's id for the world outside: the same over retries, and not that of another installation."""
    return f"ostatok.{delivery_id}.{int(created_at.timestamp() * 1_000_000):x}"


def _lists_entries(template: MessageTemplate | None) -> bool:
    return template is not None and "last_" in template.subject + template.text + template.html


def facts_of(row: Words, use: Use, now: datetime, entries: Sequence[EntryLine]) -> variables.Facts:
    """What a letter is made of, sent or only tried."""
    return variables.Facts(
        kind=row.kind,
        language=row.language,
        zone=_zone(row.timezone),
        as_of=now,
        raised_at=row.raised_at,
        client_name=row.client_name,
        client_code=row.client_code,
        client_tax_id=row.client_tax_id,
        account_number=row.account_number,
        account_address=row.account_address,
        service_name=row.service_name,
        service_full_name=row.service_full_name,
        unit=row.unit,
        balance=row.amount,
        held=row.held,
        credit_limit=row.credit_limit,
        mark=row.mark,
        mark_at=row.mark_at,
        mark_kind=row.mark_kind,
        band_upper=row.band_upper,
        band_lower=row.band_lower,
        bands=row.bands,
        threshold=row.threshold,
        days=row.days,
        lasts_until=use.lasts_until(row.available),
        top_up_url=row.top_up_url,
        last_payment=row.last_payment,
        last_entries=entries,
        bank_account=row.bank_account,
        may_send_pin=row.may_send_pin,
        organization_name=row.organization_name,
        organization_phone=row.organization_phone,
        organization_email=row.sender_address,
        rule_name=row.rule_name or "",
    )


@lru_cache(maxsize=1024)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
