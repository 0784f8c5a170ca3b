"""Words that links get so that a shop's statistics know where a visit came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlsplit

MOST_PARAMETERS = 200
"""A link with more is left as it is."""


@dataclass(frozen=True, slots=True)
class LinkTags:
    """The parameters that are added, and the hosts whose links get them: all, where none are named."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()

    def into(self, url: str) -> str:
        """`url` with what it does not say itself; nothing else of it changes. What is no web address stays."""
        if not self.parameters:
            return url
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
            said = {name.lower() for name, _ in parse_qsl(parts.query, True, max_num_fields=MOST_PARAMETERS)}
        except ValueError:
            return url
        if parts.scheme.lower() not in {"http", "https"} or not self._means(host):
            return url
        added = "&".join(f"{name}={quote(value)}" for name, value in self.parameters.items() if name not in said)
        return _with_query(url, added) if added else url

    def _means(self, host: str) -> bool:
        return not self.hosts or any(host == one or host.endswith(f".{one}") for one in self.hosts)


def _with_query(url: str, added: str) -> str:
    address, mark, fragment = url.partition("#")
    between = "" if address.endswith(("?", "&")) else "&" if "?" in address else "?"
    return f"{address}{between}{added}{mark}{fragment}"
