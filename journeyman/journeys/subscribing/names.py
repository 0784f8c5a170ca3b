"""What channels and topics are called when customers read of them."""

from collections.abc import Iterable, Mapping

from journeyman.channels.languages import phrases
from journeyman.customers.consents.topic import Topic


def names_of(subjects: Iterable[str], topics: Mapping[str, Topic], language: str) -> list[str]:
    """A topic's name in a language, else the channel's, else the key itself."""
    said = phrases(language)
    return [topics[subject].name_in(language) if subject in topics else said.channel(subject) for subject in subjects]
