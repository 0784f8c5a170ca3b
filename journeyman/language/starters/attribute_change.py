"""`on: attribute_change`: a real change of the profile starts a run (E5)."""

from typing import Literal

from journeyman.language.paths import keys_of
from journeyman.language.starters.rules import EntryRules
from journeyman.language.triggers import AttributeTrigger


class AttributeEntry(AttributeTrigger, EntryRules):
    """A change of an attribute starts a run; `attribute`, `from` and `to` are the run's entry."""

    on: Literal["attribute_change"]

    @property
    def attributes(self) -> frozenset[str]:
        return frozenset(keys_of(self.attribute)[:1]) if self.attribute is not None else frozenset()

    @property
    def figures(self) -> frozenset[str]:
        return frozenset(keys_of(self.computed)[:1]) if self.computed is not None else frozenset()
