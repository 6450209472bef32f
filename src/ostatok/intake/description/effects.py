"""What making a description true sets off in the rules: the pipeline does it, this says what it is asked for.

A description changes what rules see: who is in an audience, what a balance's limits are, which rules are on. It says
so within the same transaction, and the rules look at it before anything is committed.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from ostatok.ledger.limits import LimitChange
from ostatok.rules.changes import RuleChange
from ostatok.rules.silence import Start


class Effects(Protocol):
    """The doors to the rules, in the order in which they are used."""

    @property
    def now(self) -> datetime:
        """The moment at which everything in this transaction happens."""

    @property
    def starts(self) -> Sequence[Start]:
        """How the rules that were switched on or edited started."""

    def lock(self, organizations: Iterable[int]) -> None:
        """Keep postings out of the trees of these organizations until the transaction ends."""

    def organizations_moved(self, organization_ids: Sequence[int]) -> None:
        """These organizations have others above them now."""

    def clients_changed(self, client_ids: Sequence[int]) -> None:
        """Status, tags or groups of these clients are others now."""

    def accounts_changed(self, account_ids: Sequence[int]) -> None:
        """These accounts have new balances, another client or another way of billing."""

    def rules_changed(self, changes: Sequence[RuleChange]) -> object:
        """These rules were switched on or off, or edited."""

    def limits_changed(self, changes: Sequence[LimitChange]) -> object:
        """Set these limits and look at the rules: the balances still hold the old ones."""
