"""What is left on an account: now, and why what was told of it was told."""

from django.utils.timezone import now
from ninja import Router
from pydantic import Field

from ostatok.api.fields import Amount, Number, Organization, Told, When, amount, exact, percent
from ostatok.api.resources import accounts
from ostatok.ledger.standing import Band, Base, Standing
from ostatok.rules import standings
from ostatok.web.requests import FaceRequest

router = Router(tags=["accounts"])


class BalanceTold(Told):
    """What is left on an account for one service; amounts are in `unit`. Unknown is not zero."""

    service: str = Field(examples=["ad"])
    service_name: str = Field(examples=["АД"])
    unit: str = Field(examples=["min"])
    known: bool = Field(description="Whether anything was ever posted; if not, no amount means anything.")
    amount: Amount = Field(description="The balance.")
    held: Amount = Field(examples=["0"])
    credit_limit: Amount = Field(examples=["0"])
    available: Amount = Field(description="Balance + credit limit − held.")
    base: Base = Field(description="What counts as 100 %.", examples=["last_top_up"])
    mark: Amount | None = Field(description="The 100 %; null where there is none.", examples=["100"])
    topped_up_at: When | None = Field(description="When it was last filled up.")
    percent: Amount | None = Field(description="(Balance − held) ÷ mark × 100.", examples=["85.5"])
    band: Band = Field(description="How low: ok from 20 %, low from 10 %, lower from 5 %, crit below.", examples=["ok"])
    daily_use: Amount = Field(description="What a day takes lately.", examples=["12"])
    lasts_until: When | None = Field(description="When it runs out at that rate.")
    as_of: When | None = Field(description="For which moment another billing stated it.")


@router.get("{path:number}/balances", response=list[BalanceTold])
def get_account_balances(request: FaceRequest, number: Number, organization: Organization = None) -> list[BalanceTold]:
    """What is left on an account, by service."""
    account = accounts.found(request.actor, number, organization)
    return [told(standing) for standing in standings.of_accounts([account], now=now())[account.pk]]


def told(standing: Standing) -> BalanceTold:
    """A standing as the API tells it."""
    unit = standing.unit
    return BalanceTold(
        service=standing.service_code,
        service_name=standing.service_name,
        unit=unit,
        known=standing.known,
        amount=exact(standing.amount, unit),
        held=exact(standing.held, unit),
        credit_limit=exact(standing.credit_limit, unit),
        available=exact(standing.available, unit),
        base=standing.base,
        mark=amount(standing.mark, unit),
        topped_up_at=standing.topped_up_at,
        percent=percent(standing.percent),
        band=standing.band,
        daily_use=exact(standing.daily_use, unit),
        lasts_until=standing.lasts_until,
        as_of=standing.as_of,
    )
