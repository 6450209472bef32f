"""What is wrong with a change, in the language of whoever reads the page.

Why a change cannot be made is told in English, as the API and the command line tell it. Here that is taken apart by the
sentence it was made of, and said again in another language with the same values; what nobody knows stays.
"""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ostatok.intake.description.problems import DescriptionError
from ostatok.web import reading, refusals, template_complaints
from ostatok.web.sentences import Phrasebook, unit, unquoted

#: The sentences of descriptions (intake.description), what is longer before what it contains.
SENTENCES: Final = (
    gettext_noop('%(complaint)s: did you mean "%(near)s"?'),
    gettext_noop("line %(line)s: %(fault)s"),
    gettext_noop("is missing: a new organization needs it"),
    gettext_noop("is missing: a new service needs it"),
    gettext_noop("is missing: a new group needs it"),
    gettext_noop("is missing: a new contact needs it"),
    gettext_noop("is missing: a new user needs it"),
    gettext_noop("is missing: a new client needs it"),
    gettext_noop("is missing: a new account needs it"),
    gettext_noop("is missing: a new rule needs it"),
    gettext_noop("is missing: {to: %(to)s}"),
    gettext_noop("is missing"),
    gettext_noop("goes with `to: %(kind)s` only"),
    gettext_noop("stands here twice"),
    gettext_noop('the service "%(service)s" stands here twice'),
    gettext_noop("describes the same as %(place)s"),
    # What is not there, or not the reader's.
    gettext_noop('unknown organization "%(code)s"'),
    gettext_noop('unknown client "%(code)s" of %(organization)s'),
    gettext_noop('unknown service "%(code)s"'),
    gettext_noop('unknown group "%(code)s"'),
    gettext_noop('unknown contact "%(code)s"'),
    gettext_noop('unknown user "%(email)s"'),
    gettext_noop("has no role in this organization or above it"),
    gettext_noop("has no role in this organization, above or below it"),
    gettext_noop("you may not change this organization"),
    gettext_noop("you may not change this user"),
    gettext_noop("you may not change the services of %(organization)s"),
    gettext_noop("you may not change the groups of %(organization)s"),
    gettext_noop("you may not change the contacts of %(organization)s"),
    gettext_noop("you may not change the users of %(organization)s"),
    gettext_noop("you may not change the clients of %(organization)s"),
    gettext_noop("you may not change the accounts of %(organization)s"),
    gettext_noop("you may not change the rules of %(organization)s"),
    gettext_noop("you may not change the templates of %(organization)s"),
    gettext_noop("you may not give a role that may do more than you"),
    gettext_noop("you may not change the role of somebody who may do more than you"),
    gettext_noop("you may not remove somebody who may do more than you"),
    gettext_noop("this address signs in elsewhere already: invite it"),
    gettext_noop("this user is not yours alone: only the roles here are yours to change"),
    gettext_noop("is taken by an organization that is not yours"),
    gettext_noop("an organization cannot be above itself"),
    # What cannot go, or become something else.
    gettext_noop("cannot be removed: it has entries, and entries stay; write status: closed instead"),
    gettext_noop("cannot be removed: it has accounts (%(count)s); remove them too, or write status: closed"),
    gettext_noop("cannot be removed: it still has %(holdings)s"),
    gettext_noop("cannot be removed: told by the rules %(rules)s"),
    gettext_noop("cannot be removed: told by a rule that you do not see"),
    gettext_noop("cannot be removed: the account has entries for %(service)s, and entries stay"),
    gettext_noop("cannot be removed while accounts have it (%(count)s)"),
    gettext_noop("organizations below it (%(count)s)"),
    gettext_noop("services (%(count)s)"),
    gettext_noop("clients (%(count)s)"),
    gettext_noop("accounts (%(count)s)"),
    gettext_noop("rules (%(count)s)"),
    gettext_noop("deleted rules whose notices stay (%(count)s)"),
    gettext_noop('the rule "%(rule)s" of %(organization)s asks for it: change its audience too'),
    gettext_noop("a rule of an organization above asks for it"),
    gettext_noop("cannot become another unit than %(unit)s: accounts have balances in it (%(count)s)"),
    gettext_noop("rearm_from is still in %(unit)s: state it anew"),
    gettext_noop("the hysteresis is still in days: state quota.hysteresis anew"),
    gettext_noop("the hysteresis is still in another unit: state quota.hysteresis anew"),
    gettext_noop("the hysteresis is still in %(unit)s: state quota.hysteresis anew"),
    # Rules.
    gettext_noop("without a period there is no next check: state quota.period"),
    gettext_noop("is an amount: the trigger must have a unit"),
    gettext_noop("is a number of days here, %(count)s at most: write the figure alone"),
    gettext_noop("an edge is below 100000 per cent and has at most 4 decimals"),
    gettext_noop("a band is written as its two edges, such as [20, 10]"),
    gettext_noop("the upper edge comes first: [20, 10]"),
    gettext_noop("only the last band has no lower edge"),
    gettext_noop("bands go down and may not overlap"),
    gettext_noop("must not be an empty list"),
    gettext_noop("an empty list matches nobody: leave it out, or name whom it is about"),
    gettext_noop("%(given)s is nobody: write %(known)s or an e-mail address"),
    gettext_noop("%(given)s is nobody"),
    gettext_noop("stands for nobody: you see everybody whom this rule tells"),
    # What is allowed, and yet does nothing.
    gettext_noop("nobody is told: the rule has no recipients"),
    gettext_noop("a band is told once, when it is entered"),
    gettext_noop("a band is told at once, when it is entered"),
    gettext_noop("days are looked at by checks: the first one tells"),
    gettext_noop("only bands are measured against a mark"),
    gettext_noop("no service of this account is counted in money"),
    # Single values.
    gettext_noop("%(number)s %(unit)s cannot be counted in %(other_unit)s"),
    gettext_noop("an amount here is 0 or more"),
    gettext_noop("%(given)s is not a duration: write 30m, 24h, 7d or 1h30m"),
    gettext_noop("a duration is longer than nothing and no longer than 36500d"),
    gettext_noop("%(given)s is not an e-mail address"),
    gettext_noop("not an e-mail address"),
    gettext_noop("%(given)s is not a web address that begins with http:// or https://"),
    gettext_noop("unknown time zone %(given)s: write a name such as Europe/Warsaw"),
    gettext_noop("unknown time zone %(given)s"),
    gettext_noop("only printable characters, on one line"),
    gettext_noop("the character \\0 is not allowed"),
    gettext_noop("must not be empty"),
    gettext_noop("must have at most %(count)s characters"),
    gettext_noop("must be %(least)s or more"),
    gettext_noop("must be %(most)s or less"),
    gettext_noop("must be a whole number"),
    gettext_noop("must be true or false"),
    gettext_noop("must be text"),
    gettext_noop("must be a single value"),
    gettext_noop("must be a list"),
    gettext_noop("must be a mapping of fields"),
    gettext_noop("must be a mapping of sections"),
    gettext_noop("must be one of %(known)s"),
    gettext_noop("%(given)s is not one of %(known)s"),
    gettext_noop("unknown kind %(given)s: known are %(known)s"),
    gettext_noop("unknown kind %(given)s"),
    gettext_noop("unknown field: known are %(known)s"),
    gettext_noop("unknown field"),
    gettext_noop("unknown section: known are %(known)s"),
    gettext_noop("unknown section"),
    gettext_noop("%(given)s comes with a later version; this one knows %(known)s"),
    gettext_noop("%(given)s comes with a later version"),
    gettext_noop("comes with a later version"),
    gettext_noop("Unable to parse input string as an integer, exceeded maximum size"),
    # The text as a whole.
    gettext_noop("a description is one document: take out the second `---`"),
    gettext_noop("the tag %(tag)s is not allowed: write the plain value"),
    gettext_noop("nested too deeply"),
    gettext_noop("a key must be plain text"),
    gettext_noop("the key %(given)s stands here twice"),
    gettext_noop("*%(anchor)s refers to nothing above it"),
    gettext_noop("its anchors make the file far larger than it is written"),
    gettext_noop("this is not YAML"),
    gettext_noop("a character that cannot stand in YAML: %(why)s"),
    gettext_noop("control characters are not allowed"),
    gettext_noop("special characters are not allowed"),
    # What becomes of a switching that waits, and why a worker did not switch a rule (web.switching).
    gettext_noop("what a worker was to do with the rule is taken back"),
    gettext_noop("the key it was asked for with has expired or was revoked"),
    gettext_noop("the fault is on our side and is in the log"),
    *refusals.AMOUNTS,
)

#: A list of names, each in quotes.
_BETWEEN_NAMES: Final = '", "'
#: A message of several complaints has one a line.
_LINES: Final = "\n"


def said(message: str) -> str:
    """What is wrong, in the reader's language; where that is several things, line by line."""
    if reading.language() == "en":
        return message
    lines = message.split(_LINES)
    known = [_known(line) for line in lines]
    if not all(known) and (whole := _known(message)):
        return whole
    return _LINES.join(said or line for said, line in zip(known, lines, strict=True))


def told(error: DescriptionError) -> list[str]:
    """All that is wrong with a description, in the reader's language, without the places in it."""
    return [said(problem.message) for problem in error.problems]


def _known(message: str) -> str | None:
    return _BOOK.known(message) or template_complaints.BOOK.known(message)


def _holdings(written: str) -> str:
    return ", ".join(_BOOK.said(one) for one in written.split(", "))


def _names(written: str) -> str:
    """`"a", "b"` in the quotes of the reader's language."""
    return ", ".join(_("“%(name)s”") % {"name": name} for name in written.strip('"').split(_BETWEEN_NAMES))


_BOOK: Final = Phrasebook(
    SENTENCES,
    {
        "given": unquoted,
        "unit": unit,
        "other_unit": unit,
        "holdings": _holdings,
        "rules": _names,
        "fault": template_complaints.BOOK.known,
    },
    within=["complaint"],
    perhaps=["why"],
)
