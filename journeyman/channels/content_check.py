"""Everything that can be known about a template's content before there is a customer."""

from collections.abc import Callable, Iterator

from journeyman.channels import mjml
from journeyman.channels.addresses import From
from journeyman.channels.budget import budget
from journeyman.channels.content.email import EmailContent
from journeyman.channels.content.every import TemplateContent
from journeyman.channels.liquid import Liquid
from journeyman.channels.render_errors import RenderError
from journeyman.channels.rendering import finish_html, mjml_to_html
from journeyman.kit.errors import Fault

OWN_LINKS = ("unsubscribe_url", "preferences_url", "confirm_url")
"""What the product gives a template to link to; `confirm_url` only in the mail that asks to confirm a yes."""


def content_faults(content: TemplateContent) -> list[Fault]:
    """What its author has to mend, field by field, all at once."""
    with budget():
        return _faults(content)


def _faults(content: TemplateContent) -> list[Fault]:
    if not isinstance(content, EmailContent):
        return [fault for pointer, source in content.sources() for fault in _body_faults(pointer, source, None)]
    return _email_faults(content)


def _email_faults(content: EmailContent) -> list[Fault]:
    lines = {"/subject": content.subject, "/preheader": content.preheader}
    bodies: list[tuple[str, str | None, Callable[[str], object] | None]] = [
        ("/mjml", content.mjml, mjml_to_html),
        ("/html", content.html, finish_html),
        ("/text", content.text, None),
    ]
    faults = [fault for pointer, line in lines.items() for fault in _line_faults(pointer, line)]
    for pointer, source, finish in bodies:
        faults += _body_faults(pointer, source, finish)
    for pointer, address in (("/from", content.sender), ("/reply_to", content.reply_to)):
        faults += _address_faults(pointer, address)
    return faults


def _line_faults(pointer: str, line: str | None) -> Iterator[Fault]:
    if line is None:
        return
    if "\n" in line or "\r" in line:
        yield Fault(pointer, "it has more than one line", "Write it in one line")
    yield from _body_faults(pointer, line, None)


def _body_faults(pointer: str, source: str | None, finish: Callable[[str], object] | None) -> Iterator[Fault]:
    if source is None:
        return
    try:
        template = Liquid(source, escape=finish is not None)
        found = mjml.problems(source) if pointer == "/mjml" else []
        for problem in found:
            yield Fault(pointer, problem.detail, problem.mend)
        if not found:
            _try(template, finish)
    except RenderError as error:
        yield Fault(pointer, error.detail, error.mend)


def _try(template: Liquid, finish: Callable[[str], object] | None) -> None:
    """Render once for a customer of whom nothing is known: even she has to get a sound mail."""
    text = template.render({name: f"https://journeyman.example/{name}/sample" for name in OWN_LINKS})
    if finish is not None:
        finish(text)


def _address_faults(pointer: str, address: str | None) -> Iterator[Fault]:
    if address is None:
        return
    try:
        From.parse(address)
    except ValueError as error:
        yield Fault(pointer, str(error), "Write `Name <address>` or an address, without Liquid")
