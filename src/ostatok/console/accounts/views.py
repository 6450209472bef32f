"""Accounts: found, opened, changed; how far below zero they may go."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from ostatok.console.accounts import statement
from ostatok.console.accounts.forms import AccountFilters, AccountForm, LimitsForm
from ostatok.console.accounts.statement import StatementFilters
from ostatok.console.clients.editing import found_client, page_of, way_to
from ostatok.console.crumbs import Crumb
from ostatok.console.exports import Export
from ostatok.console.form_pages import ConfirmPage, FormPage
from ostatok.console.list_pages import FoundPage
from ostatok.kernel.slices import Slice
from ostatok.ledger import searching, statements
from ostatok.ledger.models import Account, Balance, Entry, EntryKind
from ostatok.ledger.searching import Search
from ostatok.parties.access import Permission
from ostatok.rules import standings
from ostatok.web import changes
from ostatok.web.pages import Page
from ostatok.web.requests import origin
from ostatok.web.taken_out import tidy


class Accounts(FoundPage):
    """Accounts by number, with what is left of their balances."""

    template: ClassVar[str] = "console/accounts/list.html"
    order: ClassVar[tuple[str, ...]] = searching.ACCOUNT_ORDER
    filters = AccountFilters

    def find(self, *, after: Any, before: Any, size: int) -> Slice[Account]:
        return searching.accounts(self.request.actor, self._search(), after=after, before=before, size=size)

    def _search(self) -> Search:
        at, status = self.narrow.chosen("organization"), self.narrow.chosen("status")
        return Search(
            text=self.narrow.chosen("text") or "",
            organization=at.pk if at else None,
            statuses=[status] if status else None,
        )

    def context(self) -> dict[str, Any]:
        moment = now()
        found = standings.of_accounts(self.page.items, now=moment)
        return {
            "now": moment,
            "cut": searching.accounts_are_cut(self.request.actor, self._search()) and searching.MOST,
            "accounts": [(account, found[account.pk]) for account in self.page.items],
        }


def found_account(page: Page, permission: Permission) -> Account:
    """The account a page is about: 404 if it is not visible, 403 if the actor may not do this with it."""
    rows = page.visible(Account).select_related("organization", "client__organization")
    account = page.found(rows, pk=page.kwargs["pk"])
    page.allow(permission, account.organization)
    return account


def account_page(account: Account) -> str:
    """The address of the account's page."""
    return reverse("console:account", args=[account.pk])


def way_to_account(account: Account) -> list[Crumb]:
    """What stands above the pages of an account."""
    return [*way_to(account.client), Crumb(account.number, account_page(account))]


class NewAccount(FormPage):
    """A new account of a client."""

    needs: ClassVar[Permission] = Permission.CHANGE_CLIENTS

    def prepare(self) -> None:
        self.client = found_client(self)

    def form(self, data: QueryDict | None = None) -> AccountForm:
        return AccountForm(data, client=self.client)

    def answer(self, form: AccountForm) -> HttpResponse | None:
        if not self.make(form):
            return None
        number = form.cleaned_data["number"]
        return self.done(_("Account %(number)s is open.") % {"number": number}, page_of(self.client))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("New account of %(name)s") % {"name": self.client.name},
            "here": _("New account"),
            "save": _("Open the account"),
            "back": page_of(self.client),
            "crumbs": way_to(self.client),
        }


class EditAccount(FormPage):
    needs: ClassVar[Permission] = Permission.CHANGE_CLIENTS
    template: ClassVar[str] = "console/accounts/edit.html"

    def prepare(self) -> None:
        self.account = found_account(self, self.needs)

    def form(self, data: QueryDict | None = None) -> AccountForm:
        return AccountForm(data, client=self.account.client, account=self.account)

    def answer(self, form: AccountForm) -> HttpResponse | None:
        if not self.make(form):
            return None
        said = _("Account %(number)s is saved.") % {"number": self.account.number}
        return self.done(said, account_page(self.account))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Change account %(number)s") % {"number": self.account.number},
            "here": _("Change"),
            "account": self.account,
            "back": account_page(self.account),
            "crumbs": way_to_account(self.account),
        }


class Limits(FormPage):
    """Credit limits, holds and packages: each change is a look at the rules."""

    needs: ClassVar[Permission] = Permission.CHANGE_CLIENTS
    template: ClassVar[str] = "console/accounts/limits.html"

    def prepare(self) -> None:
        self.account = found_account(self, self.needs)

    def form(self, data: QueryDict | None = None) -> LimitsForm:
        rows = self.visible(Balance).filter(account=self.account)
        balances = list(rows.select_related("service").order_by("service__code"))
        return LimitsForm(data, account=self.account, balances=balances)

    def answer(self, form: LimitsForm) -> HttpResponse | None:
        if not self.make(form):
            return None
        return self.done(_("The limits are changed."), account_page(self.account))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Limits of account %(number)s") % {"number": self.account.number},
            "here": _("Limits"),
            "lede": _("Rules look at the balances at once: who falls below a threshold so is told."),
            "back": account_page(self.account),
            "crumbs": way_to_account(self.account),
        }


class SetAccountStatus(ConfirmPage):
    """Close an account, or open it again."""

    needs: ClassVar[Permission] = Permission.CHANGE_CLIENTS

    def prepare(self) -> None:
        self.status = self.kwargs["status"]
        if self.status not in Account.Status.values:
            raise Http404
        self.account = found_account(self, self.needs)

    def act(self) -> HttpResponse:
        account = self.account
        item = {"organization": account.organization.code, "number": account.number, "status": self.status}
        changes.apply(self.request.actor, {"accounts": [item]}, origin=origin(self.request))
        closed = self.status == Account.Status.CLOSED
        said = _("Account %(number)s is closed.") if closed else _("Account %(number)s is open again.")
        return self.done(said % {"number": account.number}, account_page(account))

    def context(self) -> dict[str, Any]:
        closing = self.status == Account.Status.CLOSED
        title = _("Close account %(number)s?") if closing else _("Open account %(number)s again?")
        what = (
            _("It leaves the lists of who runs out. Its entries stay, and late charges can still be posted.")
            if closing
            else _("It stands in the lists again, and its balances are foretold.")
        )
        return {
            "title": title % {"number": self.account.number},
            "here": _("Close") if closing else _("Open again"),
            "what": [what],
            "do": _("Close the account") if closing else _("Open it again"),
            "back": account_page(self.account),
            "crumbs": way_to_account(self.account),
        }


class DeleteAccount(ConfirmPage):
    needs: ClassVar[Permission] = Permission.CHANGE_CLIENTS

    def prepare(self) -> None:
        self.account = found_account(self, self.needs)

    def act(self) -> HttpResponse:
        self.remove("accounts", organization=self.account.organization.code, number=self.account.number)
        said = _("Account %(number)s is deleted.") % {"number": self.account.number}
        return self.done(said, page_of(self.account.client))

    def context(self) -> dict[str, Any]:
        return {
            "title": _("Delete account %(number)s?") % {"number": self.account.number},
            "here": _("Delete"),
            "what": [_("An account can be deleted while nothing was posted to it. One with entries can be closed.")],
            "do": _("Delete the account"),
            "back": account_page(self.account),
            "crumbs": way_to_account(self.account),
        }


class AccountPage(Page):
    """One account: its balances with their limits, and the statement of one of them."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        rows = self.visible(Account).select_related("organization", "client__organization")
        account = self.found(rows, pk=pk)
        moment = now()
        return render(
            request,
            "console/accounts/page.html",
            {
                "now": moment,
                "account": account,
                "crumbs": way_to(account.client),
                "standings": standings.of_accounts([account], now=moment)[account.pk],
                "may_change": self.may(Permission.CHANGE_CLIENTS, account.organization),
                "may_post": self.may(Permission.POST_ENTRIES, account.organization),
                **self._statement(account),
            },
        )

    def _statement(self, account: Account) -> dict[str, Any]:
        """The statement of the balance that was chosen, or of the first."""
        query = self.request.GET
        balances = list(
            self.visible(Balance).filter(account=account).select_related("service").order_by("service__code")
        )
        chosen = next((one for one in balances if str(one.pk) == query.get("balance")), None)
        balance = chosen or (balances[0] if balances else None)
        filters = StatementFilters(query, actor=self.request.actor)
        shown = statement.of(self.request.actor, balance, filters, query) if balance else None
        return {"balances": balances, "filters": filters, "statement": shown}


class ExportStatement(Export):
    """The statement of one balance as a file."""

    what: ClassVar[str] = "statement"
    filters = StatementFilters

    def get(self, request: HttpRequest, **where: Any) -> HttpResponseBase:
        rows = self.visible(Balance).select_related("service", "organization")
        self.balance = self.found(rows, pk=self.kwargs["pk"])
        self.allow(self.needs, self.balance.organization)
        return super().get(request, **where)

    def back(self) -> str:
        return reverse("console:account", args=[self.balance.account_id])

    def head(self) -> Sequence[str]:
        return ("account", "service", "kind", "amount", "unit", "occurred_at", "posted_at", "ref", "reverses", "memo")

    def lines(self) -> Iterator[Sequence[object]]:
        balance, unit = self.balance, self.balance.service.unit
        every = self.visible(Entry).filter(organization=balance.organization_id, balance=balance)
        found = self.narrow.apply(every).order_by(*statements.ORDER)
        for entry in found.iterator(chunk_size=1000):
            yield (
                *(balance.number, balance.service.code, EntryKind(entry.kind).label),
                *(tidy(entry.amount, unit), unit, entry.occurred_at.isoformat()),
                *(entry.posted_at.isoformat(), entry.ref, entry.reverses, entry.memo),
            )
