"""What is worth a second look in what a template looks up."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from journeyman.channels.content.asking import parts_of
from journeyman.channels.content.every import TemplateContent
from journeyman.channels.content.lookups import LOOKUP
from journeyman.channels.lint.findings import TemplateFinding


def lookup_findings(content: TemplateContent, connections: Collection[str] | None) -> Iterator[TemplateFinding]:
    """Lookups that nothing shows, and such as nobody could answer."""
    if not content.lookups:
        return
    read = parts_of(content, LOOKUP)
    for name, lookup in content.lookups.items():
        pointer = f"/lookups/{name}"
        if name not in read:
            detail, mend = f"nothing shows `lookup.{name}`: it is never looked up", "Show it, or take it out"
            yield TemplateFinding("lookup-unused", pointer, detail, mend)
        if connections is not None and lookup.connection not in connections:
            near = get_close_matches(lookup.connection, list(connections), n=1)
            mend = f"Did you mean `{near[0]}`?" if near else "Set it up in the providers' file"
            detail = f"there is no connection `{lookup.connection}`"
            yield TemplateFinding("unknown-connection", f"{pointer}/connection", detail, mend)
