"""A description at work: applied through the real pipeline, told by its report."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from ostatok import pipeline
from ostatok.intake.description import applying
from ostatok.intake.description.problems import DescriptionError
from ostatok.intake.description.report import Report
from ostatok.parties.access import System

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)

#: The smallest useful description, of DESIGN §13.
ENERGO = """
organizations:
  - {code: energo, name: "ООО «Энергосбыт»", tax_id: "7701234567", email: ops@energo.test, language: ru}
services:
  - {organization: energo, code: appps, name: АППС, unit: min}
  - {organization: energo, code: ad, name: АД, unit: min}
clients:
  - {organization: energo, code: c1, name: "ООО «Ромашка»", tax_id: "7812345678", email: c1@client.test, language: ru}
accounts:
  - {organization: energo, number: "100001", client: c1, services: [appps, ad]}
rules:
  - organization: energo
    name: Остаток минут
    trigger: {kind: balance_band, bands: [[20, 10], [10, 5], [5, null]]}
    audience: {service: [appps, ad]}
    recipients: [{to: client, channel: email}]
"""

#: An operator, a reseller below it, and a money service, to build on.
OPERATOR = """
organizations:
  - {code: op, name: Operator, timezone: Europe/Warsaw, language: pl}
  - {code: res, parent: op, name: Reseller}
services:
  - {organization: op, code: voice, name: Voice, unit: min}
  - {organization: op, code: net, name: Internet, unit: PLN}
groups:
  - {organization: op, code: vip, name: VIP}
clients:
  - {organization: res, code: c1, name: Anna, email: anna@client.test}
  - {organization: op, code: c2, name: Bob, email: bob@client.test}
accounts:
  - {organization: res, number: "1", client: c1, services: [voice, net]}
  - {organization: op, number: "2", client: c2, services: [net]}
"""

Apply = Callable[..., Report]


@pytest.fixture
def apply(db: None) -> Apply:
    """Apply descriptions, one after the other; returns the report of the last."""

    def apply_all(*texts: str, dry_run: bool = False, now: datetime = NOW) -> Report:
        for text in texts:
            report = applying.apply(
                text, actor=System(name="tester"), effects=pipeline.Effects(now=now), origin="test", dry_run=dry_run
            )
        return report

    return apply_all


@pytest.fixture
def refusal(apply: Apply) -> Callable[..., list[str]]:
    """Apply descriptions of which the last is refused; returns its problems as they are shown."""

    def refuse(*texts: str) -> list[str]:
        if texts[:-1]:
            apply(*texts[:-1])
        with pytest.raises(DescriptionError) as caught:
            apply(texts[-1])
        return [str(problem) for problem in caught.value.problems]

    return refuse
