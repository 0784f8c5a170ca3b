"""Files that go out with a run's mail: fetched when it is handed over, again where that fails for now."""

from collections.abc import AsyncIterator

import pytest

from journeyman.channels.attachments import Attachments
from journeyman.channels.content.every import TemplateContent
from journeyman.channels.templates import read_content
from journeyman.channels.webhooks.calling import HttpCalls
from tests.journeyman.channels.providers.mails import attached_to
from tests.parts.other_system import OtherSystem, Says
from tests.workflows.test_messages import messages, play
from tests.workflows.theatre import Theatre


@pytest.fixture
async def files(stage: Theatre) -> AsyncIterator[OtherSystem]:
    calls = HttpCalls(allows_private=True)
    stage.work.delivery.attach = Attachments(calls)
    async with OtherSystem() as running:
        yield running
    await calls.close()


def template(files: OtherSystem) -> TemplateContent:
    file = {"name": "{{ customer.email }}.pdf", "url": f"{files.url}/a.pdf"}
    return read_content({"channel": "email", "subject": "x", "text": "x", "attachments": [file]})


async def test_m5_a_file_that_is_not_there_yet_is_fetched_again(stage: Theatre, files: OtherSystem) -> None:
    files.script += [Says(503), Says(200, b"%PDF")]
    await play(stage, template=template(files))
    await stage.pass_time(hours=1, minutes=5)
    (message,) = await messages(stage.database)
    assert (message.attempts, message.outcome, len(stage.mails)) == (2, "sent", 1)
    (file,) = attached_to(stage.mails[0].as_bytes())
    assert (file.name.endswith(".pdf"), file.content_type, file.content) == (True, "application/pdf", b"%PDF")


async def test_m5_a_file_that_never_will_be_there_fails_the_message_with_its_reason(
    stage: Theatre, files: OtherSystem
) -> None:
    files.script.append(Says(404))
    await play(stage, template=template(files))
    await stage.pass_time(hours=1, minutes=5)
    (message,) = await messages(stage.database)
    assert (message.attempts, message.outcome, stage.mails) == (1, "failed", [])
    assert message.detail.endswith("cannot be fetched: the answer is 404")
