"""What parameters and answers are made of."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Generic, TypeVar

from ninja import P, PathEx, QueryEx
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from ostatok.intake.description import writing
from ostatok.kernel import text, units
from ostatok.web import paging

T = TypeVar("T")


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("only printable characters, on one line")
    return value


class Told(BaseModel):
    """What an answer tells: these fields, all of them, and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Asked(BaseModel):
    """What a request may say; anything else in it is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Listed(Told, Generic[T]):
    """A page of a list."""

    items: list[T]
    next: str | None = Field(description="The cursor of the next page; null on the last.", examples=[None])


class Found(Listed[T], Generic[T]):
    """A page of what was searched for."""

    cut: bool = Field(
        description="Whether more fits the text than a search tells, which is 1,000: more words find fewer.",
        examples=[False],
    )


#: Words of a query: one line, nothing a database could not hold.
Text = Annotated[str, StringConstraints(max_length=250), AfterValidator(_one_line)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_one_line)]

# Of parameters, ninja only tells what its own declarations say.
PathCode = PathEx[Code, P(description="Its code.", example="c1")]
Number = PathEx[Code, P(description="The account's number.", example="100001")]
Id = PathEx[int, P(ge=1, le=2**63 - 1, description="Its number, from a list.", example=1)]
Name = PathEx[
    Annotated[str, StringConstraints(min_length=1, max_length=250), AfterValidator(_one_line)],
    P(description="Its name.", example="Остаток минут"),
]
Organization = QueryEx[
    Code | None,
    P(description="Whose, by code: needed where several organizations within reach have one.", example="energo"),
]
OwnOrganization = QueryEx[
    Code | None, P(description="Of which organization, by code; a key's own where it is left out.", example="energo")
]
DryRun = QueryEx[bool, P(description="Do all of it, say what came of it, and take it back.", example=False)]


def like(example: str) -> dict[str, JsonValue]:
    """An example of a parameter, as OpenAPI has it."""
    return {"example": example}


class Paging(Asked):
    """Where in a list to begin, and how much of it to tell."""

    cursor: Annotated[str, StringConstraints(max_length=4000)] | None = Field(
        default=None, description="`next` of the page before."
    )
    limit: int = Field(default=paging.SIZE, ge=1, le=paging.LARGEST, description="How many at most.")


class Within(Paging):
    """Which organization's things a list tells."""

    organization: Code | None = Field(
        default=None,
        description="Only what belongs to this organization and those below it, by code.",
        json_schema_extra=like("energo"),
    )


Manager = Annotated[str, StringConstraints(min_length=1, max_length=254), AfterValidator(_one_line)]
Moment = AwareDatetime


def amount(base: Decimal | None, unit: str) -> str | None:
    """An amount in base units as digits in its unit, exact to six decimals."""
    return None if base is None else exact(base, unit)


def exact(base: Decimal, unit: str) -> str:
    """As `amount`, of an amount that is there."""
    return writing.plain(text.round_to(units.from_base(base, unit), units.DECIMALS))


def percent(value: Decimal | None) -> str | None:
    """A per cent as digits."""
    return None if value is None else writing.plain(text.round_to(value, units.DECIMALS))


def stated(base: Decimal | None, unit: str) -> str | None:
    """An amount as a description states it: in the unit of its service, or naming a unit of its own (`90 s`)."""
    if base is None:
        return None
    written: Any = writing.amount(base, unit)
    return written if isinstance(written, str) else writing.plain(written)


AMOUNT: Final[dict[str, Any]] = {"pattern": r"^-?[0-9]+(\.[0-9]{1,6})?$"}
Amount = Annotated[str, Field(json_schema_extra=AMOUNT, examples=["85.5"])]
StatedAmount = Annotated[str, Field(description="Digits, or digits and a unit of its own: `90 s`.", examples=["100"])]
When = Annotated[datetime, Field(examples=["2026-11-22T06:00:00Z"])]
