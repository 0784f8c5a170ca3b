"""What an editor of mail finds in a template before it meets people: it is rendered, and looked at as it is sent."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Final

from journeyman.channels.budget import budget
from journeyman.channels.content.alternatives import in_language
from journeyman.channels.content.email import EmailContent
from journeyman.channels.content.every import TemplateContent
from journeyman.channels.content.push import PushContent
from journeyman.channels.content.text import TextContent
from journeyman.channels.content.variants import in_variant
from journeyman.channels.links import Links
from journeyman.channels.lint.defaults import undefended
from journeyman.channels.lint.findings import TemplateFinding
from journeyman.channels.lint.lookups import lookup_findings
from journeyman.channels.lint.mail import link_findings, mail_findings
from journeyman.channels.lint.short import push_findings, text_findings
from journeyman.channels.making import make
from journeyman.channels.ports import OutgoingChat, OutgoingPush, OutgoingText
from journeyman.channels.render_errors import RenderError
from journeyman.channels.rendering import liquid, render_email
from journeyman.channels.tracking import Tokens

Scope = Mapping[str, object]
SAMPLE: Final = "https://journeyman.example"
_STOP: Final = "STOP"
MOST_OTHERS: Final = 40
"""Languages and variants that are looked at beside the template's own."""


def lint(
    content: TemplateContent,
    scope: Scope | None = None,
    *,
    marketing: bool = True,
    connections: Collection[str] | None = None,
) -> list[TemplateFinding]:
    """What is worth a second look, in the order of the template's fields, for the customer in `scope`.

    Without one it is a customer of whom nothing is known. `marketing` is what the journey's topic says. `connections`
    are those of the providers' file, where that is known.
    """
    found = _of_one(content, scope or {}, marketing=marketing)
    found += lookup_findings(content, connections)
    told = {(one.code, one.pointer, one.detail) for one in found}
    for place, (fields, other) in list(_others(content))[:MOST_OTHERS]:
        for one in _of_one(other, scope or {}, marketing=marketing):
            if (one.code, one.pointer, one.detail) not in told:
                is_own = one.pointer.split("/")[1:2] in [[field] for field in fields]
                found.append(replace(one, pointer=f"{place}{one.pointer if is_own else ''}"))
    return found


def _of_one(content: TemplateContent, scope: Scope, *, marketing: bool) -> list[TemplateFinding]:
    """What is found in the content as one customer gets it: in one language, in one variant."""
    with budget():
        found = [*_undefended(content), *_way_out(content, marketing=marketing)]
        try:
            found += _rendered(content, scope, marketing=marketing)
        except RenderError as error:
            found.append(TemplateFinding("cannot-render", "", error.detail, error.mend))
        return found


def _others(content: TemplateContent) -> Iterator[tuple[str, tuple[Collection[str], TemplateContent]]]:
    """The content in its other languages and in its variants: where each stands, the fields it has, and the whole."""
    for tag, fields in content.languages.items():
        yield f"/languages/{tag}", (fields.keys(), in_language(content, tag))
    for place, variant in enumerate(content.variants):
        whole = in_variant(content, variant.key)
        yield f"/variants/{place}", (variant.fields.keys(), whole)
        for tag, fields in variant.languages.items():
            yield f"/variants/{place}/languages/{tag}", (fields.keys(), in_language(whole, tag))


def _rendered(content: TemplateContent, scope: Scope, *, marketing: bool) -> Iterator[TemplateFinding]:
    links = Links(Tokens("s" * 32, SAMPLE), "m" * 32, marketing=marketing, shorten=_shortened)
    if isinstance(content, EmailContent):
        yield from mail_findings(content, render_email(content, scope, None), render_email(content, scope, links))
        return
    message = make(content, scope, links, "sample", "sample")
    if isinstance(message, OutgoingText):
        yield from text_findings(message)
    elif isinstance(message, OutgoingPush):
        yield from push_findings(message)
    plain = make(content, scope, None, "sample", "sample")
    urls = {"/image": plain.image, "/url": plain.url} if isinstance(plain, OutgoingPush) else {}
    if isinstance(plain, OutgoingChat):
        urls = {"/image": plain.image, "/buttons": next((one.url for one in plain.buttons if one.url), None)}
    for pointer, url in urls.items():
        yield from link_findings([url] if url else [], pointer)
    text = getattr(plain, "text", "")
    yield from link_findings([word for word in text.split() if word.lower().startswith("http")], "/text")


def _shortened(url: str) -> str:
    """An address as long as a short one of ours is."""
    return f"{SAMPLE}/l/{'x' * 10}" if url else url


def _undefended(content: TemplateContent) -> Iterator[TemplateFinding]:
    for pointer, source in _sources(content):
        try:
            paths = undefended(liquid(source, escape=False).template)
        except RenderError:
            continue
        for path in paths:
            detail = f"`{path}` is empty for whoever has none"
            mend = f"Write `{{{{ {path} | default: … }}}}`, or ask `{{% if {path} %}}`"
            yield TemplateFinding("no-default", pointer, detail, mend)


def _sources(content: TemplateContent) -> Iterator[tuple[str, str]]:
    if isinstance(content, EmailContent):
        texts = {"/subject": content.subject, "/preheader": content.preheader, "/mjml": content.mjml}
        texts |= {"/html": content.html, "/text": content.text}
        yield from ((pointer, source) for pointer, source in texts.items() if source is not None)
    else:
        yield from content.sources()


def _way_out(content: TemplateContent, *, marketing: bool) -> Iterator[TemplateFinding]:
    """Marketing gets a way out in any case; where it stands is the author's choice, and hers to see."""
    if not marketing or isinstance(content, PushContent) or not isinstance(content, EmailContent | TextContent):
        return
    sources = dict(_sources(content))
    if any("unsubscribe_url" in source for source in sources.values()):
        return
    if isinstance(content, TextContent) and _STOP in content.text:
        return
    body = next(iter(pointer for pointer in ("/mjml", "/html", "/text") if pointer in sources), "")
    detail = "the template places no `unsubscribe_url`: marketing gets a line at its end"
    yield TemplateFinding("no-unsubscribe", body, detail, "Place `{{ unsubscribe_url }}` where it belongs")
