"""What all parts of a description have in common: nothing unknown is accepted, nothing unmentioned is touched."""

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A mapping whose keys are all known; `later` names those that a later version will know."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)

    later: ClassVar[frozenset[str]] = frozenset()

    def mentions(self, field: str) -> bool:
        """Whether the file says anything of that field; what it does not mention stays."""
        return field in self.model_fields_set

    def mentioned(self, *fields: str) -> dict[str, Any]:
        """Of these fields, the values of those the file mentions."""
        return {field: getattr(self, field) for field in fields if field in self.model_fields_set}


class Item(Strict):
    """An object of a section; `state: deleted` removes it."""

    state: Literal["deleted"] | None = None

    @property
    def deleted(self) -> bool:
        """Whether the object is to be removed."""
        return self.state == "deleted"
