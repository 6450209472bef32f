"""The form of a rule: what is asked depends on what sets it off."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ostatok.console import fields
from ostatok.console.described import DescribedForm
from ostatok.console.rules import choices, words
from ostatok.console.services.forms import unit_choices
from ostatok.intake.description import durations
from ostatok.intake.description.problems import Problem
from ostatok.kernel import units
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import Organization
from ostatok.rules.models import LONGEST_FORECAST, First, Mark, Rule, RuleState, TriggerKind
from ostatok.web.widgets import Pick, Switch

_THRESHOLDS: Final = (TriggerKind.BALANCE_BELOW, TriggerKind.BALANCE_ABOVE)
#: What an audience can ask for, and what it can leave out.
ASKED: Final = ("service", "group", "status", "billing", "tag")
LEFT_OUT: Final = ("group", "status", "tag")

STATES: Final = (
    (RuleState.ACTIVE, _("On: it tells")),
    (RuleState.SHADOW, _("Shadow: it only records what it would have told")),
    (RuleState.INACTIVE, _("Off")),
)


class BandsField(forms.CharField):
    """The edges of bands, from the top: `20, 10, 5`; a band that ends above the next one as `20-10`."""

    def clean(self, value: Any) -> Any:
        """Pairs of edges as a description writes them. Raises ValidationError."""
        written = [part for part in super().clean(value).replace("%", "").replace(";", ",").split(",") if part.strip()]
        try:
            edges = [[_edge(edge) for edge in part.replace("–", "-").split("-")] for part in written]
        except InvalidOperation:
            raise ValidationError(_("Write the edges in per cent, from the top: 20, 10, 5.")) from None
        following = [edge[0] for edge in edges[1:]]
        return [
            [edge[0], edge[1] if len(edge) > 1 else below]
            for edge, below in zip(edges, [*following, None], strict=False)
        ]


def _edge(written: str) -> str:
    return str(Decimal(written.strip()))


def as_edges(bands: Sequence[words.Edges]) -> str:
    """Bands as BandsField reads them."""
    ordered = sorted(bands, key=lambda edges: -edges[0])
    follows = [lower == below[0] for (_upper, lower), below in pairwise(ordered)]
    whole = [*follows, ordered[-1][1] is None] if ordered else []
    return ", ".join(
        f"{upper.normalize():f}" if alone or lower is None else f"{upper.normalize():f}-{lower.normalize():f}"
        for (upper, lower), alone in zip(ordered, whole, strict=True)
    )


class RuleForm(DescribedForm):
    """A new rule of one kind, or one that is there: its name and organization then stay."""

    section: ClassVar[str] = "rules"
    beside = {"kind": _("When")}  # noqa: RUF012 (read only)

    bands = BandsField(
        label=_("Bands, in per cent"),
        max_length=100,
        initial="20, 10, 5",
        help_text=_("A letter when what is left falls below each edge, from the top: 20, 10, 5."),
    )
    mark = forms.ChoiceField(
        label=_("What 100 % is"), choices=list(words.MARKS.items()), initial=Mark.LAST_TOP_UP, required=False
    )
    amount = fields.AmountField(
        label=_("Threshold"), signed=True, help_text=_("The balance plus the credit limit, less what is held.")
    )
    days = forms.IntegerField(
        label=_("Fewer than so many days"),
        min_value=1,
        max_value=LONGEST_FORECAST,
        initial=7,
        help_text=_("What is available, divided by what a day took lately. Without recent use nothing is told."),
    )
    unit = forms.ChoiceField(label=_("Unit"), help_text=_("The rule speaks only of services counted in it."))
    period = forms.CharField(
        label=_("Repeat every"),
        required=False,
        max_length=20,
        help_text=_("30m, 24h or 7d. Empty: it is told once, until it is over."),
    )
    max_qty = forms.IntegerField(
        label=_("At most"),
        required=False,
        min_value=1,
        help_text=_("Letters until the next top-up. Empty: no limit."),
    )
    first = forms.ChoiceField(
        label=_("The first letter"),
        choices=[(First.NOW, _("comes at once")), (First.NEXT_CHECK, _("waits for the next check"))],
        initial=First.NOW,
        required=False,
    )
    hysteresis = fields.AmountField(
        label=_("On guard again after"),
        required=False,
        help_text=_("So far beyond the threshold, in its unit, the balance must come. Empty: at the threshold."),
    )
    cooldown = forms.CharField(
        label=_("Pause between letters"),
        required=False,
        max_length=20,
        help_text=_("At least so long between any two, top-ups or not: 1h. Empty: none."),
    )
    keep_for = forms.CharField(
        label=_("Worth reading for"),
        required=False,
        max_length=20,
        help_text=_("A letter that could not be sent for so long is dropped. Empty: 24h."),
    )
    recipients = forms.MultipleChoiceField(
        label=_("Tell"),
        required=False,
        choices=[("client", _("the client")), ("organization", _("the client's organization, as it is when sending"))],
        widget=forms.CheckboxSelectMultiple,
        initial=["client"],
    )
    users = forms.MultipleChoiceField(label=_("Users"), required=False, widget=Pick(_("Add a user")))
    contacts = forms.MultipleChoiceField(label=_("Contacts"), required=False, widget=Pick(_("Add a contact")))
    addresses = forms.CharField(
        label=_("More e-mail addresses"),
        required=False,
        widget=forms.Textarea({"rows": 2}),
        max_length=4_000,
        help_text=_("One a line."),
    )
    service = forms.MultipleChoiceField(
        label=_("Services"), required=False, widget=Pick(_("Add a service")), help_text=_("Empty: all of the unit.")
    )
    group = forms.MultipleChoiceField(label=_("Client groups"), required=False, widget=Pick(_("Add a group")))
    not_group = forms.MultipleChoiceField(
        label=_("Except client groups"), required=False, widget=Pick(_("Add a group"))
    )
    status = forms.MultipleChoiceField(
        label=_("Clients that are"),
        required=False,
        choices=list(words.STATUSES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    not_status = forms.MultipleChoiceField(
        label=_("Except clients that are"),
        required=False,
        choices=list(words.STATUSES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    billing = forms.MultipleChoiceField(
        label=_("Accounts that are"),
        required=False,
        choices=list(words.BILLINGS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    tag = forms.CharField(label=_("Tags"), required=False, max_length=500, help_text=_("Any of them; commas between."))
    not_tag = forms.CharField(label=_("Except tags"), required=False, max_length=500)
    sort_order = forms.IntegerField(
        label=_("Sort order"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text=_("Lower numbers come first in lists."),
    )
    state = forms.ChoiceField(label=_("State"), choices=STATES, widget=forms.RadioSelect, initial=RuleState.INACTIVE)
    notify_now = forms.BooleanField(
        label=_("Notify them now"),
        required=False,
        widget=Switch,
        help_text=_("Those who are below already get a letter at once. Otherwise they are marked as told, silently."),
    )

    def __init__(
        self, data: Any, *, actor: Actor, kind: str, rule: Rule | None = None, like: Rule | None = None
    ) -> None:
        super().__init__(data, about=rule, initial=initial(like) if like else None)
        self.kind, self.rule = kind, rule
        if rule is None:
            self.fields["organization"] = fields.OrganizationField(actor, Permission.CHANGE_RULES)
            self.fields["name"] = forms.CharField(
                label=_("Name"), max_length=250, help_text=_("Shown in lists and reports. It stays.")
            )
        #: Who is out of sight is not stated, and so stays; a copy does not tell them.
        self.tells_unseen = bool(rule and any(words.is_unseen(one) for one in rule.recipients.all()))
        self._drop_foreign()
        self._offer(actor, rule.organization if rule else None)

    def read(self, about: Rule) -> dict[str, Any]:
        return {**initial(about), "kind": about.kind}

    def again(self) -> Rule | None:
        rule: Rule | None = super().again()
        return None if rule is None or rule.state == RuleState.DELETED else rule

    def tell(self, name: str, value: Any) -> str:
        return str(words.KINDS[value]) if name == "kind" else super().tell(name, value)

    def _drop_foreign(self) -> None:
        """Fields that mean nothing to this kind of trigger."""
        banded = self.kind == TriggerKind.BALANCE_BAND
        foreign = {"period", "max_qty", "first", "hysteresis", "amount", "unit"} if banded else {"bands", "mark"}
        if self.kind == TriggerKind.FORECAST_BELOW:
            # A look at the days is a check, so the first letter has none to wait for.
            foreign |= {"amount", "first"}
            self.fields["hysteresis"].help_text = _("So many days more it must last. Empty: none.")
        else:
            foreign |= {"days"}
            foreign |= set() if self.kind in (*_THRESHOLDS, TriggerKind.BALANCE_BAND) else {"amount", "hysteresis"}
        for name in foreign:
            del self.fields[name]

    def _offer(self, actor: Actor, at: Organization | None) -> None:
        """Choices that the actor can see, and no others."""
        offered = choices.for_rules(actor, at)
        for name, some in (
            ("users", offered.users),
            ("contacts", offered.contacts),
            ("service", offered.services),
            ("group", offered.groups),
            ("not_group", offered.groups),
        ):
            kept = self.initial.get(name, [])
            self.fields[name].choices = _with_kept(some, kept)  # type: ignore[attr-defined]
        if "unit" in self.fields:
            blank = [] if self.kind in _THRESHOLDS else [("", _("any unit"))]
            self.fields["unit"].choices = [*blank, *unit_choices(offered.units)]  # type: ignore[attr-defined]
            self.fields["unit"].required = not blank

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        at, name = cleaned.get("organization"), cleaned.get("name")
        if self.rule is None and at and name:
            same = Rule.objects.filter(organization=at, name=name).exclude(state=RuleState.DELETED)
            if same.exists():
                self.add_error("name", _("There is a rule of this name already."))
        return cleaned

    def item(self) -> dict[str, Any]:
        """The rule as a description states it."""
        cleaned = self.cleaned_data
        at = self.rule.organization if self.rule else cleaned["organization"]
        item: dict[str, Any] = {
            "organization": at.code,
            "name": self.rule.name if self.rule else cleaned["name"],
            "trigger": self._trigger(),
            "audience": self._audience(),
            "recipients": [one for one, _field in self._recipients()],
            "quota": self._quota(),
            "keep_for": cleaned.get("keep_for") or None,
            "sort_order": cleaned.get("sort_order") or 0,
            "notify_now": cleaned["notify_now"],
        }
        if self.rule is None or self.touches("state"):
            item["state"] = cleaned["state"]
        if "mark" in cleaned:
            item["mark"] = cleaned["mark"] or Mark.LAST_TOP_UP
        return item

    def state_after(self) -> str:
        """The state of the rule once it is saved: as it is, unless another was chosen here."""
        kept = self.rule is not None and not self.touches("state")
        return self.rule.state if self.rule and kept else str(self.cleaned_data["state"])

    def _trigger(self) -> dict[str, Any]:
        names = ("bands", "amount", "days", "unit")
        stated = {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}
        return {"kind": self.kind, **stated}

    def _quota(self) -> dict[str, Any]:
        """What the form does not ask for a kind of trigger is left as it is."""
        names = ("max_qty", "period", "hysteresis", "cooldown")
        quota = {name: self.cleaned_data[name] or None for name in names if name in self.cleaned_data}
        if "first" in self.cleaned_data:
            quota["first"] = self.cleaned_data["first"] or First.NOW
        return quota

    def _audience(self) -> dict[str, Any]:
        asked = {name: _values(self.cleaned_data.get(name)) for name in ASKED}
        left_out = {name: _values(self.cleaned_data.get(f"not_{name}")) for name in LEFT_OUT}
        audience: dict[str, Any] = {name: values for name, values in asked.items() if values}
        if inner := {name: values for name, values in left_out.items() if values}:
            audience["not"] = inner
        return audience

    def _recipients(self) -> list[tuple[dict[str, str], str]]:
        """Each recipient, and the field it was chosen in."""
        cleaned = self.cleaned_data
        told = [({"to": kind}, "recipients") for kind in cleaned["recipients"]]
        told += [({"to": "user", "user": email}, "users") for email in cleaned["users"]]
        told += [({"to": "contact", "contact": code}, "contacts") for code in cleaned["contacts"]]
        told += [({"to": address}, "addresses") for address in cleaned["addresses"].replace(",", "\n").split()]
        return told

    def said(self) -> words.Said:
        """What the form says, for its summary in words; of a form that is valid, and was tried."""
        cleaned = self.cleaned_data
        unit = cleaned.get("unit") or ""
        bands = [
            (Decimal(upper), None if lower is None else Decimal(lower)) for upper, lower in cleaned.get("bands", ())
        ]
        return words.Said(
            kind=self.kind,
            unit=unit,
            threshold=_in_base(cleaned.get("amount"), unit),
            days=cleaned.get("days"),
            mark=cleaned.get("mark") or Mark.LAST_TOP_UP,
            bands=tuple(bands),
            hysteresis=self._hysteresis(unit),
            max_qty=cleaned.get("max_qty"),
            period=_duration(cleaned.get("period")),
            cooldown=_duration(cleaned.get("cooldown")),
            first=cleaned.get("first") or First.NOW,
        )

    def _hysteresis(self, unit: str) -> Decimal:
        stated = self.cleaned_data.get("hysteresis")
        if self.kind == TriggerKind.FORECAST_BELOW:
            return Decimal(stated or 0)
        return _in_base(stated, unit) or Decimal(0)

    def told(self) -> str:
        """Whom it tells, in words."""
        cleaned = self.cleaned_data
        people = []
        for name in ("recipients", "users", "contacts"):
            known = dict(self.fields[name].choices)  # type: ignore[attr-defined]
            people += [str(known[value]) for value in cleaned[name]]
        people += cleaned["addresses"].replace(",", "\n").split()
        people += [str(_("somebody you do not see"))] if self.tells_unseen else []
        return words.listed({"email": people})

    def field_of(self, problem: Problem) -> str | None:
        """The field that a problem of the rule speaks of, wherever in the item it stands."""
        place = [part for part in problem.path[2:] if part not in ("trigger", "quota", "audience")]
        match place:
            case ["recipients", int(index), *_rest]:
                told = self._recipients()
                return told[index][1] if index < len(told) else None
            case ["not", str(name), *_rest]:
                field = f"not_{name}"
            case [str(name), *_rest]:
                field = name
            case _:
                return None
        return field if field in self.fields else None


def _in_base(amount: str | None, unit: str) -> Decimal | None:
    return units.to_base(Decimal(amount), unit) if amount and unit else None


def _duration(written: str | None) -> timedelta | None:
    return durations.parse(written) if written else None


def _values(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value or [])


def _with_kept(offered: Iterable[tuple[str, str]], kept: Iterable[str]) -> list[tuple[str, str]]:
    """What a rule has chosen stays to be chosen, by its code, even where its reader cannot see more of it."""
    known = dict(offered)
    return [*known.items(), *((code, code) for code in kept if code not in known)]


def initial(rule: Rule) -> dict[str, Any]:
    """A saved rule as the form shows it."""
    told = sorted(rule.recipients.all(), key=lambda one: one.pk)
    audience: Mapping[str, Any] = rule.audience
    inner: Mapping[str, Any] = audience.get("not", {})
    bands = [(band.upper, band.lower) for band in rule.bands.all() if band.active]
    shown: dict[str, Any] = {name: audience.get(name, []) for name in ASKED}
    shown |= {f"not_{name}": inner.get(name, []) for name in LEFT_OUT}
    shown |= {"tag": ", ".join(shown["tag"]), "not_tag": ", ".join(shown["not_tag"])}
    shown |= {
        name: durations.write(value) if (value := getattr(rule, name)) else ""
        for name in ("period", "cooldown", "keep_for")
    }
    return shown | {
        "bands": as_edges(bands),
        "mark": rule.mark,
        "amount": fields.shown(rule.threshold, rule.unit) if rule.unit else "",
        "unit": rule.unit,
        "max_qty": rule.max_qty,
        "first": rule.first,
        "days": rule.days or 7,
        "hysteresis": _shown_hysteresis(rule),
        "recipients": [one.kind for one in told if one.kind in ("client", "organization")],
        "users": [one.user.email for one in told if one.user],
        "contacts": [one.contact.code for one in told if one.contact],
        "addresses": "\n".join(one.address for one in told if one.address),
        "sort_order": rule.sort_order or None,
        "state": rule.state,
    }


def _shown_hysteresis(rule: Rule) -> str:
    if not rule.hysteresis:
        return ""
    if rule.days is not None:
        return f"{rule.hysteresis.normalize():f}"
    return fields.shown(rule.hysteresis, rule.unit) if rule.unit else ""
