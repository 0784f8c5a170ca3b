"""A topic: what messages are about, as customers subscribe to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from journeyman.customers.consent import TRANSACTIONAL, Basis


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as the workspace has set it. `translations` holds `name` and `description` by language.

    A topic that is no marketing needs no yes of the customer. `channels` are those on which it may be written about,
    none for all. `double_opt_in` says that a yes to it has to be confirmed by a link.
    """

    key: str
    name: str
    description: str = ""
    channels: Sequence[str] = ()
    marketing: bool = True
    basis: Basis = "consent"
    double_opt_in: bool = False
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    updated_at: datetime | None = None

    def name_in(self, language: str) -> str:
        return self.translations.get(language, {}).get("name") or self.name

    def description_in(self, language: str) -> str:
        return self.translations.get(language, {}).get("description") or self.description


def undefined(key: str) -> Topic:
    """What holds of a topic that nobody has set: it is marketing, unless it is the transactional one."""
    return Topic(key, key, marketing=key != TRANSACTIONAL)
