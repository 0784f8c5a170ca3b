"""The mail that asks to confirm a yes, as long as the workspace has no template of its own for it."""

import html
from functools import cache

from journeyman.channels.content.email import EmailContent
from journeyman.channels.languages import phrases

TEMPLATE = "double-opt-in"
"""The key of the workspace's own template; `double-opt-in-de` stands before it for who reads German."""

_HTML = """\
<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{subject}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 Arial,sans-serif;color:#111827;background:#ffffff">
<div style="max-width:480px;margin:0 auto">
<h1 style="font-size:20px;line-height:1.3">{subject}</h1>
<p>{intro}</p>
<ul>{{% for name in subscriptions %}}<li>{{{{ name }}}}</li>{{% endfor %}}</ul>
<p style="margin:24px 0"><a href="{{{{ confirm_url }}}}" style="display:inline-block;padding:12px 24px;\
background:#1d4ed8;color:#ffffff;text-decoration:none;border-radius:8px">{button}</a></p>
<p style="color:#4b5563">{otherwise}</p>
</div></body></html>
"""
_TEXT = """\
{intro}

{{% for name in subscriptions %}}- {{{{ name }}}}
{{% endfor %}}
{button}: {{{{ confirm_url }}}}

{otherwise}
"""


def keys(language: str) -> tuple[str, str]:
    """The keys of the workspace's templates that stand in for the built-in one, the closest first."""
    return f"{TEMPLATE}-{language}", TEMPLATE


@cache
def built_in(language: str) -> EmailContent:
    """A template over `subscriptions` (names of channels and topics) and `confirm_url`."""
    said = phrases(language)
    words = {
        "language": said.language,
        "subject": said.confirm_subject,
        "intro": said.confirm_intro,
        "button": said.confirm_button,
        "otherwise": said.confirm_otherwise,
    }
    escaped = {name: html.escape(word) for name, word in words.items()}
    return EmailContent(
        channel="email", subject=said.confirm_subject, html=_HTML.format(**escaped), text=_TEXT.format(**words)
    )
