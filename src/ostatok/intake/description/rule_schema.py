"""What may be written of rules and templates."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, model_validator
from pydantic_core import PydanticCustomError

from ostatok.intake.description.problems import did_you_mean
from ostatok.intake.description.strictness import Item, Strict
from ostatok.intake.description.values import (
    AmountFromZero,
    AnyAmount,
    Code,
    Codes,
    Duration,
    Name,
    UnitCode,
    UserEmail,
    Wording,
    code_or_list,
    is_email,
)
from ostatok.kernel import units
from ostatok.kernel.errors import OstatokError
from ostatok.ledger.models import Account
from ostatok.parties.models import Client, Language
from ostatok.rules.models import LONGEST_FORECAST, First, Mark, RecipientKind, TriggerKind

#: Kinds of trigger that DESIGN promises and this version does not know yet.
LATER_KINDS: Final = frozenset(
    {"inactive_below", "debt", "invoice_issued", "invoice_paid", "payment_booked", "message"}
)

LATER_CHANNELS: Final = frozenset({"sms", "webhook", "browser", "push"})

_WIDEST_EDGE: Final = Decimal(100_000)


@dataclass(frozen=True, slots=True)
class Band:
    """`lower ≤ p < upper`, in per cent; the last has no lower edge."""

    upper: Decimal
    lower: Decimal | None


def _edge(written: object) -> Decimal:
    try:
        edge = units.parse_amount(str(written))
    except OstatokError as error:
        raise ValueError(str(error)) from None
    if abs(edge) >= _WIDEST_EDGE or round(edge, 4) != edge:
        raise ValueError("an edge is below 100000 per cent and has at most 4 decimals")
    return edge


def _band(value: Any) -> Any:
    if not isinstance(value, list) or len(value) != 2 or isinstance(value[0], list | dict):
        raise ValueError("a band is written as its two edges, such as [20, 10]")
    upper, lower = value
    band = Band(_edge(upper), None if lower is None else _edge(lower))
    if band.lower is not None and band.lower >= band.upper:
        raise ValueError("the upper edge comes first: [20, 10]")
    return band


def _from_the_top(bands: tuple[Band, ...]) -> tuple[Band, ...]:
    if not bands:
        raise ValueError("must not be an empty list")
    for index, (above, below) in enumerate(pairwise(bands), start=1):
        if above.lower is None:
            raise PydanticCustomError("within", "only the last band has no lower edge", {"at": index - 1})
        if below.upper > above.lower:
            raise PydanticCustomError("within", "bands go down and may not overlap", {"at": index})
    last = bands[-1]
    return (*bands[:-1], Band(last.upper, last.lower or None))


Bands = Annotated[tuple[Annotated[InstanceOf[Band], BeforeValidator(_band)], ...], AfterValidator(_from_the_top)]


class BandTrigger(Strict):
    """The balance fell into a band of what its last top-up left."""

    kind: Literal["balance_band"]
    bands: Bands


class BelowTrigger(Strict):
    """The available balance is lower than an amount."""

    kind: Literal["balance_below"]
    amount: AnyAmount
    unit: UnitCode


class AboveTrigger(Strict):
    """The available balance is higher than an amount."""

    kind: Literal["balance_above"]
    amount: AnyAmount
    unit: UnitCode


class ExhaustedTrigger(Strict):
    """Nothing is left. With `unit`, only balances of that unit are watched."""

    kind: Literal["balance_exhausted"]
    unit: UnitCode = ""


class ForecastTrigger(Strict):
    """What is available lasts for fewer days, at the rate of recent ones. `unit` as for what is exhausted."""

    kind: Literal["forecast_below"]
    days: Annotated[int, Field(ge=1, le=LONGEST_FORECAST)]
    unit: UnitCode = ""


Trigger = Annotated[
    BandTrigger | BelowTrigger | AboveTrigger | ExhaustedTrigger | ForecastTrigger, Field(discriminator="kind")
]


def _some(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("an empty list matches nobody: leave it out, or name whom it is about")
    return values


AnyOf = Annotated[Codes, AfterValidator(_some)]
_Statuses = Annotated[tuple[Client.Status, ...], BeforeValidator(code_or_list), AfterValidator(_some)]
_Billings = Annotated[tuple[Account.Billing, ...], BeforeValidator(code_or_list), AfterValidator(_some)]


class Conditions(Strict):
    """Each key asks for any of its values; all keys are to be met."""

    later: ClassVar[frozenset[str]] = frozenset({"outlet", "node_group", "device", "network", "link_type"})

    service: AnyOf = ()
    group: AnyOf = ()
    status: _Statuses = ()
    billing: _Billings = ()
    tag: AnyOf = ()


class Audience(Conditions):
    """`not` holds conditions none of which may be met."""

    none_of: Annotated[Conditions | None, Field(alias="not")] = None


_WORDS: Final = tuple(kind.value for kind in RecipientKind if kind != RecipientKind.ADDRESS)

#: Stands for those whom the rule tells and whoever reads it does not see; to write it, or not, leaves them as they are.
UNSEEN: Final = "unseen"


def _whom(value: str) -> str:
    if value in _WORDS or value == UNSEEN or is_email(value):
        return value
    hint = did_you_mean(value, _WORDS) or f": write {', '.join(_WORDS)} or an e-mail address"
    raise ValueError(f"{value!r} is nobody{hint}")


class Recipient(Strict):
    """Who is told: the client, its organization, a user, a contact, an address, or those who are out of sight."""

    to: Annotated[str, AfterValidator(_whom)]
    user: UserEmail | None = None
    contact: Code | None = None
    channel: Literal["email"] = "email"

    @property
    def kind(self) -> RecipientKind:
        """What kind of recipient it is."""
        return RecipientKind(self.to) if self.to in _WORDS else RecipientKind.ADDRESS

    @model_validator(mode="after")
    def _named(self) -> Self:
        for key, example in (("user", "anna@operator.test"), ("contact", "duty")):
            named = getattr(self, key) is not None
            if self.to == key and not named:
                raise PydanticCustomError("within", f"is missing: {{to: {key}, {key}: {example}}}", {"at": key})
            if self.to != key and named:
                raise PydanticCustomError("within", f"goes with `to: {key}` only", {"at": key})
        return self


class Quota(Strict):
    """How often; `hysteresis` is in the trigger's unit, or in days. Null takes a limit away."""

    max_qty: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    period: Duration | None = None
    hysteresis: AmountFromZero | None = None
    cooldown: Duration | None = None
    first: First = First.NOW


class RuleItem(Strict):
    """Known by its organization and name."""

    later: ClassVar[frozenset[str]] = frozenset({"when", "templates"})

    organization: Code
    name: Name
    trigger: Trigger | None = None
    audience: Audience | None = None
    recipients: tuple[Recipient, ...] = ()
    quota: Quota | None = None
    mark: Mark = Mark.LAST_TOP_UP
    keep_for: Duration | None = None
    sort_order: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    state: Literal["active", "shadow", "inactive", "deleted"] = "active"
    notify_now: bool = False

    @property
    def deleted(self) -> bool:
        """Whether the rule is to be removed."""
        return self.state == "deleted"


class TemplateItem(Item):
    """Known by its organization, kind, channel and language."""

    organization: Code
    kind: TriggerKind
    channel: Literal["email"] = "email"
    language: Language
    subject: Wording = ""
    text: Wording = ""
    html: Wording = ""
