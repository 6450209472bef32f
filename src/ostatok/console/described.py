"""Forms that write descriptions: changes go as by `ostatok apply`, and problems stand at their fields."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Final

from django.utils.translation import gettext_lazy as _

from ostatok.console.meanwhile import ChangedMeanwhile, ShowingForm
from ostatok.intake.description.problems import DescriptionError, Problem
from ostatok.intake.description.report import Report
from ostatok.parties.access import Actor
from ostatok.rules.waiting import BeingChanged
from ostatok.web import changes, complaints

BUSY: Final = _("A worker is changing this rule just now. Wait until that is done, and try again.")


class DescribedForm(ShowingForm):
    """A form that describes one item of a section."""

    #: Fields of the item that the form calls otherwise.
    called: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def description(self) -> changes.Description:
        """What is to be made true."""
        return {self.section: [self.item()]}

    def make(self, actor: Actor, *, origin: str, dry_run: bool = False) -> Report | None:
        """Make it true, or note every problem at its field, or what was changed meanwhile, and return None."""
        try:
            return changes.apply(actor, self.description(), origin=origin, dry_run=dry_run, provided=self.as_shown)
        except DescriptionError as error:
            self.place(error.problems)
        except BeingChanged:
            self.add_error(None, BUSY)
        except ChangedMeanwhile as change:
            self.note(actor, change)
        return None

    def place(self, problems: Sequence[Problem]) -> None:
        """Put each problem at the field it speaks of; one that speaks of none stands above the form."""
        for problem in problems:
            self.add_error(self.field_of(problem), complaints.said(problem.message))

    def field_of(self, problem: Problem) -> str | None:
        """The field that a problem of the item speaks of."""
        named = problem.path[2] if len(problem.path) > 2 else None
        field = self.called.get(str(named), str(named))
        return field if field in self.fields else None
