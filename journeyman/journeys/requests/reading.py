"""What the answer of another system says."""

from journeyman.channels.webhooks.calling import HttpAnswer
from journeyman.customers.inbox.json_text import parse, storable


def read_answer(answer: HttpAnswer) -> object:
    """The answer as JSON; as text where it says that it is text, and nothing where there is none.

    Raises `RefusedError` and `ValueError` where it cannot be read.
    """
    if not answer.body.strip():
        return None
    if answer.content_type.startswith("text/"):
        return storable(answer.body.decode(errors="replace"))
    parsed = parse(answer.body)
    return parsed.document if parsed.plain else storable(parsed.document)
