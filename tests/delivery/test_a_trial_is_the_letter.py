"""What a template shows when it is tried is what is sent about the same balance at the same moment."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from ostatok import pipeline
from ostatok.delivery import trial, trying
from ostatok.delivery.channels.email import EmailChannel
from ostatok.delivery.channels.email import url as email_url
from ostatok.ledger.models import Account, EntryKind
from ostatok.notices import variables, wordings
from ostatok.notices.rendering import Rendered
from ostatok.parties import wall
from ostatok.parties.access import Member, Role
from ostatok.parties.models import Client, Language
from tests import faces
from tests.delivery.conftest import Post
from tests.delivery.mails import part, read

NOW: Final = datetime.now(UTC).replace(microsecond=0)
LANGUAGES: Final = tuple(Language)
TRIGGERS: Final[dict[str, dict[str, Any]]] = {
    "balance_band": {"bands": [[40, 12], [12, 3], [3, None]]},
    "balance_below": {"amount": 20, "unit": "min"},
    "balance_above": {"amount": 10, "unit": "min"},
    "balance_exhausted": {},
    "forecast_below": {"days": 4},
}
#: All that a wording may speak of but for the PIN, which is off.
EVERYTHING: Final = "\n".join(f"{name}: {{{{ {name} }}}}" for name in sorted(variables.NAMES - {"pin", "last_entries"}))
LISTED: Final = "{% for e in last_entries %}{{ e.date }} {{ e.kind }} {{ e.amount }} {{ e.memo }}\n{% endfor %}"


def describe(kind: str) -> None:
    """A parent with the product's wordings, and below it an organization with its own; a client for each language."""
    parent = {"code": "parent", "name": "Parent", "email": "ops@parent.test", "top_up_url": "https://pay.parent.test/"}
    own = {"kind": kind, "channel": "email", "subject": "{{ left }} {{ rule_name }}", "text": EVERYTHING + LISTED}
    minutes = {"code": "ad", "name": "АД", "full_name": "Автоматический обзвон", "unit": "min"}
    faces.describe(
        {
            "organizations": [
                {**parent, "timezone": "Asia/Almaty", "language": "kk"},
                {"code": "child", "parent": "parent", "name": "Child <b>", "phone": "8 800", "timezone": "UTC"},
            ],
            "services": [
                {"organization": "parent", **minutes},
                {"organization": "child", **minutes, "top_up_url": "https://pay.service.test/"},
                {"organization": "child", "code": "money", "name": "Деньги", "unit": "KZT"},
            ],
            "clients": [
                {
                    "organization": at,
                    "code": f"{at}-{one}",
                    "name": f"Клиент {one}",
                    "language": one,
                    **_reached(at, one),
                }
                for at in ("parent", "child")
                for one in LANGUAGES
            ],
            "accounts": [
                {"organization": at, "number": f"{at}-{one}", "client": f"{at}-{one}", "services": _services(at)}
                for at in ("parent", "child")
                for one in LANGUAGES
            ],
            "templates": [
                {"organization": "child", "language": one, **own, "html": f"<p>{EVERYTHING}</p>"} for one in LANGUAGES
            ],
            "rules": [
                {
                    "organization": at,
                    "name": f"Правило {kind} {at}",
                    "state": "active",
                    "trigger": {"kind": kind, **TRIGGERS[kind]},
                    "audience": {"service": ["ad"]},
                    "recipients": [{"to": "client", "channel": "email"}],
                }
                for at in ("parent", "child")
            ],
        }
    )


def _reached(at: str, language: str) -> dict[str, str]:
    return {"email": f"{at}-{language}@client.test", "tax_id": "7812345678"}


def _services(at: str) -> list[str]:
    return ["ad"] if at == "parent" else ["ad", "money"]


def use_up(kind: str) -> None:
    """Minutes that the rule speaks of; and money, which is lower still and no matter of the rule's."""
    day = timedelta(days=1)
    minutes = [("top_up", "100", 6 * day), ("charge", "40", 4 * day)]
    minutes += [("charge", "60" if kind == "balance_exhausted" else "45", day)]
    money = [("top_up", "100", day), ("charge", "100", day)]
    for account in Account.objects.select_related("organization"):
        services = {"ad": minutes} if account.organization.code == "parent" else {"ad": minutes, "money": money}
        entries = [
            (account.number, service, EntryKind[name.upper()], amount, ago)
            for service, moves in services.items()
            for name, amount, ago in moves
        ]
        faces.post(account.organization, *entries)
    pipeline.refresh_outlook(now=NOW)
    pipeline.tick(at=NOW)


def tried(client: Client, kind: str) -> Rendered:
    """The wording in force, tried on the client by an owner of its organization, who does not see what is above."""
    organization = client.organization
    newest = wordings.newest(organization)
    wording = wordings.in_force(organization, kind, "email", client.language, newest)
    with wall.raised_for(Member(user_id=0, name="owner", roles={organization.pk: Role.OWNER})):
        found = trying.render(wording.message(), kind, "email", client=client, may_send_pin=False, now=NOW)
    assert found.rendered, found.problems
    return found.rendered


@pytest.mark.parametrize("kind", TRIGGERS)
def test_the_letter_is_what_was_shown_before(kind: str, post: Post) -> None:
    describe(kind)
    use_up(kind)
    clients = {one.email: one for one in Client.objects.select_related("organization")}
    shown = {address: tried(client, kind) for address, client in clients.items()}

    assert post.once(clock=lambda: NOW).sent == len(clients) == 2 * len(LANGUAGES)

    for mail in post.sink.mails:
        letter = shown[mail.recipient]
        assert str(read(mail)["subject"]) == letter.subject
        assert part(mail, "plain").splitlines() == letter.text.splitlines()
        assert part(mail, "html").splitlines() == letter.html.splitlines()
    assert "https://pay.service.test/" in shown["child-ru@client.test"].text


def test_a_test_to_oneself_is_the_letter_but_for_its_mark(post: Post) -> None:
    describe("balance_below")
    use_up("balance_below")
    shown = tried(Client.objects.select_related("organization").get(code="child-pl"), "balance_below")
    trial.send(
        shown,
        address="me@ops.test",
        sender_name="Child",
        sender_address="ops@parent.test",
        language="pl",
        channels={"email": EmailChannel(email_url.parse(post.url))},
        channel="email",
        now=NOW,
    )
    post.once(clock=lambda: NOW)

    by_recipient = {mail.recipient: mail for mail in post.sink.mails}
    mine, sent = by_recipient["me@ops.test"], by_recipient["child-pl@client.test"]
    assert str(read(mine)["subject"]) == f"{trial.MARK} {read(sent)['subject']}"
    assert [part(mine, one) for one in ("plain", "html")] == [part(sent, one) for one in ("plain", "html")]
