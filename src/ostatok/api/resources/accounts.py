"""Accounts: numbers of clients, with a balance for each service."""

from collections.abc import Iterable, Sequence
from functools import partial

from ninja import Query, Router
from ninja.responses import Status
from pydantic import Field

from ostatok.api import addressing, etags, items, lists, writing
from ostatok.api.auth import require
from ostatok.api.fields import (
    Code,
    DryRun,
    Found,
    Number,
    Organization,
    OwnOrganization,
    StatedAmount,
    Text,
    Told,
    Within,
    like,
    stated,
)
from ostatok.api.problems import invalid
from ostatok.ledger import searching
from ostatok.ledger.models import Account, Balance
from ostatok.parties.access import Actor, Permission
from ostatok.web.requests import FaceRequest

router = Router(tags=["accounts"])


class AccountServiceTold(Told):
    """A service of an account, with what limits its balance."""

    code: str = Field(examples=["ad"])
    credit_limit: StatedAmount
    held: StatedAmount
    package: StatedAmount | None = Field(description="The package granted.", examples=[None])


class AccountTold(Told):
    """An account, as a description has it."""

    organization: str = Field(examples=["energo"])
    number: str = Field(examples=["100001"])
    client: str = Field(description="The code of its client.", examples=["c1"])
    address: str = Field(examples=["ул. Ленина, 1"])
    billing: Account.Billing = Field(examples=["prepaid"])
    status: Account.Status = Field(examples=["open"])
    services: list[AccountServiceTold]


class Wanted(Within):
    """Which accounts."""

    search: Text | None = Field(
        default=None,
        description="Parts of a number or address, or of what the client is called. "
        "Goes with `organization` and `status` only.",
        json_schema_extra=like("1000"),
    )
    client: Code | None = Field(default=None, description="Of this client only, by code.", json_schema_extra=like("c1"))
    status: Account.Status | None = None
    billing: Account.Billing | None = None


@router.get("", response=Found[AccountTold])
def list_accounts(request: FaceRequest, at: Query[Wanted]) -> Found[AccountTold]:
    """Accounts within reach, by number; those of one client or way of billing by organization and number."""
    require(request.actor, Permission.SEE)
    if at.search is not None or (at.client is None and at.billing is None):
        search = _search(request.actor, at)
        cut = searching.accounts_are_cut(request.actor, search)
        fetch = partial(searching.accounts, request.actor, search)
        return lists.searched(fetch, order=searching.ACCOUNT_ORDER, at=at, tell=_tell, cut=cut)
    rows = addressing.within(Account.objects.visible_to(request.actor), request.actor, at.organization)
    asked = {"client__code": at.client, "status": at.status, "billing": at.billing}
    rows = rows.filter(**{name: value for name, value in asked.items() if value is not None})
    order = ("organization_id", "number")
    page = lists.page(rows.select_related("organization", "client"), order=order, at=at, tell=_tell)
    return Found(items=page.items, next=page.next, cut=False)


@router.get("{path:number}", response=AccountTold)
@etags.of_one("accounts")
def get_account(request: FaceRequest, number: Number, organization: Organization = None) -> AccountTold:
    """One account."""
    return next(iter(_tell([found(request.actor, number, organization)])))


@router.put("{path:number}", response=writing.PUT, openapi_extra=items.body("accounts"))
def put_account(
    request: FaceRequest, number: Number, organization: OwnOrganization = None, dry_run: DryRun = False
) -> Status[writing.Change]:
    """Make or change an account. Services that are not mentioned stay; limits are theirs, or of all money balances."""
    place = addressing.home(request.actor, organization)
    identity = {"organization": place.code, "number": number}
    return writing.put(request, "accounts", identity, place=place, dry_run=dry_run)


@router.delete("{path:number}", response=writing.DELETED)
def delete_account(
    request: FaceRequest, number: Number, organization: Organization = None, dry_run: DryRun = False
) -> writing.Change:
    """Remove an account to which nothing was ever posted."""
    place = found(request.actor, number, organization).organization
    identity = {"organization": place.code, "number": number}
    return writing.delete(request, "accounts", identity, place=place, dry_run=dry_run)


def found(actor: Actor, number: str, organization: str | None) -> Account:
    """The account of that number, its organization and client with it. Raises Refused."""
    require(actor, Permission.SEE)
    rows = Account.objects.visible_to(actor).select_related("client")
    return addressing.one(rows, organization, number=number)


def _search(actor: Actor, at: Wanted) -> searching.Search:
    if at.client is not None or at.billing is not None:
        raise invalid("query.search", "goes with organization and status only")
    return searching.Search(
        text=at.search or "",
        organization=addressing.organization(actor, at.organization).pk if at.organization else None,
        statuses=[at.status] if at.status else None,
    )


def _tell(rows: Sequence[Account]) -> Iterable[AccountTold]:
    balances: dict[int, list[Balance]] = {row.pk: [] for row in rows}
    owned = Balance.objects.filter(account__in=rows).select_related("service").order_by("service__code")
    for balance in owned:
        balances[balance.account_id].append(balance)
    for row in rows:
        yield AccountTold(
            organization=row.organization.code,
            number=row.number,
            client=row.client.code,
            address=row.address,
            billing=Account.Billing(row.billing),
            status=Account.Status(row.status),
            services=[_service(balance) for balance in balances[row.pk]],
        )


def _service(balance: Balance) -> AccountServiceTold:
    unit = balance.service.unit
    return AccountServiceTold(
        code=balance.service.code,
        credit_limit=stated(balance.credit_limit, unit) or "0",
        held=stated(balance.held, unit) or "0",
        package=stated(balance.package or None, unit),
    )
