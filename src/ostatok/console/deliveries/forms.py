"""What narrows the log of deliveries."""

from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from ostatok.console import fields
from ostatok.console.list_pages import Filters
from ostatok.console.rules.words import CHANNELS
from ostatok.delivery import log, reason_words, reasons
from ostatok.delivery.channels import registry
from ostatok.delivery.models import DeliveryState
from ostatok.parties.access import Actor, Permission
from ostatok.parties.models import Client
from ostatok.rules.models import Rule
from ostatok.web import reading

_LONGEST_NAME: Final = 250


class DeliveryFilters(Filters):
    """Deliveries by what became of them, by rule, channel, provider, day, address, client and organization."""

    #: States that can be asked for, in the order of the list, and what it means to ask for none.
    states: ClassVar[tuple[str, ...]] = tuple(DeliveryState.values)
    any_state: ClassVar[Any] = _("any state")

    state = forms.ChoiceField(label=_("State"), required=False)
    reason = forms.ChoiceField(label=_("Reason"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    rule = forms.ModelChoiceField(Rule.objects.none(), label=_("Rule"), required=False, empty_label=_("any rule"))
    provider = forms.ChoiceField(label=_("Provider"), required=False)
    digests = forms.BooleanField(label=_("Only run-out lists by mail"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput({"type": "date"}))
    address = forms.CharField(
        label=_("Address"), required=False, max_length=254, widget=forms.TextInput({"inputmode": "email"})
    )
    client = forms.ModelChoiceField(Client.objects.none(), label=_("Client"), required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, actor: Actor) -> None:
        super().__init__(data, actor=actor)
        language = reading.language()
        said = [(reason.value, reasons.words(reason, "", language)) for reason in reasons.ALL]
        states = [(state, reason_words.STATES[state][language]) for state in self.states]
        self.fields["state"].choices = [("", self.any_state), *_told_apart(states)]  # type: ignore[attr-defined]
        self.fields["reason"].choices = [("", _("any reason")), *said]  # type: ignore[attr-defined]
        self.fields["channel"].choices = [("", _("any channel")), *CHANNELS.items()]  # type: ignore[attr-defined]
        self.fields["provider"].choices = _providers(str(self.data.get("provider", "")))  # type: ignore[attr-defined]
        self.fields["rule"].queryset = log.rules(actor).order_by("name", "pk")  # type: ignore[attr-defined]
        self.fields["client"].queryset = Client.objects.visible_to(actor)  # type: ignore[attr-defined]
        self.fields["organization"] = fields.OrganizationField(
            actor, Permission.SEE, required=False, empty_label=_("any organization"), initial=None
        )
        self.full_clean()

    def as_log(self) -> log.Filters:
        """The same as the log takes it; days are those of the reader's clock."""
        state, rule, client, at = (self.chosen(name) for name in ("state", "rule", "client", "organization"))
        return log.Filters(
            states=(state,) if state else (),
            reason=self.chosen("reason") or "",
            channel=self.chosen("channel") or "",
            provider=self.chosen("provider") or "",
            rule=rule.pk if rule else None,
            client=client.pk if client else None,
            organization=at.pk if at else None,
            address=self.chosen("address") or "",
            since=reading.since(self.chosen("since")),
            until=reading.until(self.chosen("until")),
            digests=bool(self.chosen("digests")),
        )


class ReplayFilters(DeliveryFilters):
    """What a range to be replayed is chosen by: only what was given up can be in it."""

    states: ClassVar[tuple[str, ...]] = ("dead", "unknown", "dropped")
    any_state: ClassVar[Any] = _("given up or unknown")


def _providers(asked: str) -> list[tuple[str, Any]]:
    """Those that are set up now, and the one that is asked for: it may be one of long ago."""
    set_up = {channel.provider for channel in registry.available().values()}
    asked_for = {asked} if asked.isprintable() and len(asked) <= _LONGEST_NAME else set()
    named = sorted((set_up | asked_for) - {"", log.NO_PROVIDER})
    return [("", _("any provider")), (log.NO_PROVIDER, _("over none")), *zip(named, named, strict=True)]


def _told_apart(states: list[tuple[str, str]]) -> list[tuple[str, Any]]:
    """Dropped and dead are both «not sent»: a list must say which is which."""
    return [(state, _("given up") if state == DeliveryState.DEAD else word) for state, word in states]
