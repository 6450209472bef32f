"""Entries by hand: a top-up, a charge, an adjustment; and taking one back by its reversal."""

from typing import Any, ClassVar, Final

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from ostatok.console.clients.editing import found_client, page_of, way_to
from ostatok.console.clients.entry_forms import EntryForm
from ostatok.console.clients.lists import urgency
from ostatok.console.form_pages import ConfirmPage, FormPage
from ostatok.ledger.entries import NewEntry, Reason
from ostatok.ledger.models import Account, Balance, Entry, EntryKind
from ostatok.ledger.standing import Standing
from ostatok.parties.access import Permission
from ostatok.pipeline import Outcome
from ostatok.rules import standings
from ostatok.web import entries, reading, refusals
from ostatok.web.requests import origin

_TWICE: Final = gettext_lazy("This was posted already; nothing was posted twice.")
#: How the ledger says that a reversal is there already.
_ALREADY: Final = frozenset({Reason.ALREADY_REVERSED, Reason.CONFLICT})


class PostEntry(FormPage):
    """One entry of one of a client's balances."""

    needs: ClassVar[Permission] = Permission.POST_ENTRIES
    template: ClassVar[str] = "console/clients/entry.html"

    def prepare(self) -> None:
        self.client = found_client(self, self.needs)
        rows = self.visible(Balance).filter(account__client=self.client, account__status=Account.Status.OPEN)
        self.balances = rows.select_related("service").order_by("number", "service__code")

    def form(self, data: QueryDict | None = None) -> EntryForm:
        query = self.request.GET
        initial = {"balance": query.get("balance"), "kind": query.get("kind", int(EntryKind.TOP_UP))}
        return EntryForm(
            data, balances=self.balances, standings=self._lowest_first(), now=localtime(now()), initial=initial
        )

    def _lowest_first(self) -> list[Standing]:
        accounts = self.visible(Account).filter(client=self.client, status=Account.Status.OPEN)
        found = standings.of_accounts(accounts, now=now()).values()
        return sorted((one for own in found for one in own), key=urgency)

    def answer(self, form: EntryForm) -> HttpResponse | None:
        outcome = entries.post(
            self.request.actor, self.client.organization, [form.entry()], origin=origin(self.request)
        )
        if outcome.refused:
            form.refuse(outcome.refused[0])
            return None
        return self.done(_said(outcome, form.balance), page_of(self.client))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Top up or charge %(name)s") % {"name": self.client.name},
            "here": _("Entry"),
            "save": _("Post"),
            "client": self.client,
            "has_balances": self.balances.exists(),
            "back": page_of(self.client),
            "crumbs": way_to(self.client),
        }


class ReverseEntry(ConfirmPage):
    """Take an entry back: entries are never changed, so its opposite is posted."""

    needs: ClassVar[Permission] = Permission.POST_ENTRIES

    def prepare(self) -> None:
        rows = self.visible(Entry).filter(balance=self.kwargs["balance"], seq=self.kwargs["seq"])
        self.entry = self.found(rows.select_related("organization", "balance__service", "balance__account__client"))
        self.allow(self.needs, self.entry.organization)
        if self.entry.kind == EntryKind.REVERSAL:
            raise Http404

    def act(self) -> HttpResponse:
        balance = self.entry.balance
        reversal = NewEntry(
            position=0,
            account=balance.number,
            service=balance.service.code,
            kind=EntryKind.REVERSAL,
            occurred_at=now(),
            ref=f"console:reversal:{balance.pk}:{self.entry.seq}",
            reverses=self.entry.ref,
        )
        outcome = entries.post(self.request.actor, self.entry.organization, [reversal], origin=origin(self.request))
        if outcome.refused:
            refusal = outcome.refused[0]
            said = _TWICE if refusal.reason in _ALREADY else refusals.said(refusal.message)
            messages.error(self.request, str(said))
            return redirect(page_of(balance.account.client))
        return self.done(_said(outcome, balance), page_of(balance.account.client))

    def context(self) -> dict[str, Any]:
        balance = self.entry.balance
        amount = reading.amount(self.entry.amount, balance.service.unit, signed=True)
        back = reading.amount(-self.entry.amount, balance.service.unit, signed=True)
        what = [
            _("An entry of %(amount)s is posted to %(service)s of account %(number)s; both stay in the statement.")
            % {"amount": back, "service": balance.service.name, "number": balance.number}
        ]
        if self.entry.kind == EntryKind.TOP_UP:
            what.append(_("If it is the latest top-up, the one before it becomes the 100 % again."))
        return {
            "title": _("Take %(amount)s back?") % {"amount": amount},
            "here": pgettext("an entry", "Take back"),
            "what": what,
            "do": _("Post the reversal"),
            "back": page_of(balance.account.client),
            "crumbs": way_to(balance.account.client),
        }


def _said(outcome: Outcome, balance: Balance) -> str:
    """What posting did: what is left now, and how many notices it raised."""
    if outcome.duplicates:
        return str(_TWICE)
    balance.refresh_from_db(fields=["amount"])
    left = _("Posted: %(service)s is now %(left)s.") % {
        "service": balance.service.name,
        "left": reading.amount(balance.amount, balance.service.unit),
    }
    if not outcome.notices:
        return left
    raised = ngettext("%(count)d notice is on its way.", "%(count)d notices are on their way.", outcome.notices)
    return f"{left} {raised % {'count': outcome.notices}}"
