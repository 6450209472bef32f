"""The sections of a description: what may be written of organizations, services, people, clients and accounts.

Every field but those that name an object may be left out: what the file does not mention stays as it is.
"""

from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from ostatok.intake.description.rule_schema import RuleItem, TemplateItem
from ostatok.intake.description.strictness import Item, Strict
from ostatok.intake.description.values import (
    AmountFromZero,
    Code,
    Codes,
    EmailOrBlank,
    LanguageOrBlank,
    Name,
    Text32,
    Text64,
    Text250,
    Text500,
    UnitCode,
    Url,
    UserEmail,
    UserEmailOrBlank,
    Zone,
    ZoneOrBlank,
    is_email,
)
from ostatok.ledger.models import Account
from ostatok.parties.access import Role
from ostatok.parties.models import Client, ContactPoint, Language


class OrganizationItem(Item):
    """Known by its code in the whole installation."""

    code: Code
    parent: Code | None = None
    name: Name = ""
    tax_id: Text32 = ""
    email: EmailOrBlank = ""
    phone: Text32 = ""
    timezone: Zone = "UTC"
    language: Language = Language.ENGLISH
    top_up_url: Url = ""
    may_send_pin: bool = False


class ServiceItem(Item):
    """Known by its organization and code; `rearm_from` is in its unit."""

    organization: Code
    code: Code
    name: Name = ""
    full_name: Text250 = ""
    unit: UnitCode = ""
    rearm_from: AmountFromZero | None = None
    top_up_url: Url = ""


class GroupItem(Item):
    """A group of clients, known by its organization and code."""

    organization: Code
    code: Code
    name: Name = ""


class PointItem(Strict):
    """One address of a contact."""

    kind: ContactPoint.Kind
    address: Annotated[str, Field(min_length=1, max_length=254)]
    label: Text32 = ""

    @model_validator(mode="after")
    def _address_fits_kind(self) -> Self:
        if self.kind == ContactPoint.Kind.EMAIL and not is_email(self.address):
            raise PydanticCustomError("within", "not an e-mail address", {"at": "address"})
        return self


class ContactItem(Item):
    """Known by its organization and code; `points`, when mentioned, are all its addresses."""

    organization: Code
    code: Code
    name: Name = ""
    position: Text250 = ""
    points: tuple[PointItem, ...] = ()


class RoleItem(Item):
    """A role in one organization; those not mentioned stay."""

    organization: Code
    role: Role | None = None

    @model_validator(mode="after")
    def _role_unless_deleted(self) -> Self:
        if self.role is None and not self.deleted:
            raise PydanticCustomError("within", "is missing", {"at": "role"})
        return self


class UserItem(Item):
    """Known by the e-mail. A password never stands in a file: it is set by its owner."""

    email: UserEmail
    name: Text250 = ""
    language: Language = Language.ENGLISH
    roles: tuple[RoleItem, ...] = ()


class ClientItem(Item):
    """Known by its organization and code; `tags` and `groups`, when mentioned, are all of them.

    `manager` is the e-mail of a user with a role in its organization or in one above it.
    """

    organization: Code
    code: Code
    name: Name = ""
    tax_id: Text32 = ""
    email: EmailOrBlank = ""
    phone: Text32 = ""
    language: LanguageOrBlank = ""
    timezone: ZoneOrBlank = ""
    status: Client.Status = Client.Status.ACTIVE
    tags: Codes = ()
    groups: Codes = ()
    manager: UserEmailOrBlank = ""
    bank_account: Text64 = ""


class AccountServiceItem(Item):
    """A balance of an account; amounts are in the service's unit."""

    code: Code
    credit_limit: AmountFromZero | None = None
    held: AmountFromZero | None = None
    package: AmountFromZero | None = None


def _code_alone(value: Any) -> Any:
    return {"code": value} if isinstance(value, str) else value


class AccountItem(Item):
    """Known by its organization and number; services not mentioned stay. `credit_limit` is of its money balances."""

    organization: Code
    number: Code
    client: Code = ""
    address: Text500 = ""
    billing: Account.Billing = Account.Billing.PREPAID
    status: Account.Status = Account.Status.OPEN
    credit_limit: AmountFromZero | None = None
    services: tuple[Annotated[AccountServiceItem, BeforeValidator(_code_alone)], ...] = ()


class Description(Strict):
    """All sections, in the order in which they are made true."""

    later: ClassVar[frozenset[str]] = frozenset({"outlets", "profiles", "endpoints"})

    organizations: tuple[OrganizationItem, ...] = ()
    services: tuple[ServiceItem, ...] = ()
    groups: tuple[GroupItem, ...] = ()
    contacts: tuple[ContactItem, ...] = ()
    users: tuple[UserItem, ...] = ()
    clients: tuple[ClientItem, ...] = ()
    accounts: tuple[AccountItem, ...] = ()
    rules: tuple[RuleItem, ...] = ()
    templates: tuple[TemplateItem, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _empty_sections(cls, value: Any) -> Any:
        """A section that is written but empty, such as `clients:`, describes nothing."""
        if isinstance(value, dict):
            return {name: [] if items is None else items for name, items in value.items()}
        return {} if value is None else value
