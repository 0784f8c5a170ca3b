"""Proposals of copy: asked of a model, checked, and shown to people. Nothing here changes a template."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from journeyman.channels import repository as kept
from journeyman.channels.blocks.wholes import with_blocks
from journeyman.channels.content.alternatives import in_language
from journeyman.channels.content.every import TemplateContent, content_of
from journeyman.channels.content_check import content_faults
from journeyman.channels.copywriting import prompt, repository
from journeyman.channels.copywriting.brand import voice_now
from journeyman.channels.copywriting.checking import CopyFinding, content_findings, parts_of, text_findings
from journeyman.channels.copywriting.errors import (
    EndpointBusyError,
    EndpointError,
    NotSetUpError,
    UnusableAnswerError,
)
from journeyman.channels.copywriting.pieces import Piece, base_of, pieces_of, with_fields, written
from journeyman.channels.copywriting.ports import Said, Writer
from journeyman.channels.copywriting.repository import ProposalRow, RequestRow
from journeyman.channels.copywriting.voice import Voice
from journeyman.channels.copywriting.wish import CopyWish
from journeyman.channels.languages import looked_up
from journeyman.channels.templates import read_content
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import Fault, InvalidError, NotFoundError
from journeyman.kit.ids import new_id

ANSWERED: Final = "answered"
MISSING: Final = CopyFinding("missing", "", "it did not come", "Write one more")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, and what came of it."""

    request: RequestRow
    proposals: Sequence[ProposalRow]


@dataclass(frozen=True, slots=True)
class _Job:
    """A wish for a template; `own` is the template as it is kept, `whole` the same with its blocks."""

    key: str
    hash: str
    own: TemplateContent
    whole: TemplateContent
    voice: Voice
    wish: CopyWish
    base: TemplateContent
    language: str | None
    pieces: Sequence[Piece]
    parts: int | None


@dataclass(frozen=True, slots=True)
class _Proposal:
    texts: Mapping[str, str]
    findings: Sequence[CopyFinding]

    @property
    def refused(self) -> bool:
        return any(one.refuses for one in self.findings)


class _Conversation:
    """With a model; counts what it costs."""

    def __init__(self, writer: Writer, said: Sequence[Said], schema: Mapping[str, Any]) -> None:
        self.writer = writer
        self.model = writer.model
        self.said = list(said)
        self.schema = schema
        self.calls = 0
        self.tokens = 0

    async def ask(self, more: Sequence[Said] = ()) -> str:
        self.said += more
        self.calls += 1
        answer = await self.writer.complete(self.said, self.schema)
        self.tokens += answer.tokens
        self.model = answer.model[:200] or self.model
        return answer.text


class Proposing:
    """Asks for proposals and shows those that came. Without a `writer` it only shows."""

    def __init__(self, database: Database, clock: Clock, writer: Writer | None = None) -> None:
        self.database = database
        self.clock = clock
        self.writer = writer

    async def ask(self, key: str, wish: CopyWish, *, actor: str | None = None) -> Asked:
        """Have a model write proposals, which are checked; those that fail are asked for once more.

        What is told is the wish, the brand's voice and the template's words. Raises `NotSetUpError`, `NotFoundError`,
        `InvalidError`, `EndpointError` and `EndpointBusyError`.
        """
        if self.writer is None:
            raise NotSetUpError("no model is set up: set JOURNEYMAN_AI_KEY and JOURNEYMAN_AI_MODEL")
        job = await self._job(key, wish)
        told = prompt.first_words(job.wish, job.voice, job.own.channel, job.base.language, job.pieces, job.parts)
        conversation = _Conversation(self.writer, told, prompt.schema_of(job.pieces))
        try:
            proposals = await _proposals(conversation, job)
        except (EndpointError, EndpointBusyError) as error:
            await self._note(job, conversation, error.code, (), actor)
            raise
        return await self._note(job, conversation, ANSWERED, proposals, actor)

    async def asked(self, key: str, *, before: str | None = None, limit: int = 50) -> list[Asked]:
        """What was asked for a template, the newest first, from the request behind `before`."""
        async with self.database.reading() as connection:
            found = await repository.requests(connection, key, before, limit)
            rows = await repository.proposals(connection, [one.id for one in found])
        return [Asked(one, [row for row in rows if row.request_id == one.id]) for one in found]

    async def _job(self, key: str, wish: CopyWish) -> _Job:
        async with self.database.reading() as connection:
            row, full = await kept.find_template(connection, key), await kept.find_whole(connection, key)
            voice = await voice_now(connection)
        if row is None or full is None:
            raise NotFoundError(f"there is no template `{key}`")
        own, whole = content_of(row.body), content_of(full.body)
        if wish.language is not None and voice.languages and not looked_up([wish.language], voice.languages):
            detail, mend = "the brand does not write in this language", f"It writes in: {', '.join(voice.languages)}"
            raise InvalidError(detail, [Fault("/language", detail, mend)])
        base, language = base_of(own, wish.language)
        parts = wish.parts if wish.parts is not None else parts_of(with_blocks(base, whole.blocks))
        return _Job(key, row.hash, own, whole, voice, wish, base, language, pieces_of(base, wish.fields), parts)

    async def _note(
        self, job: _Job, conversation: _Conversation, outcome: str, proposals: Sequence[_Proposal], actor: str | None
    ) -> Asked:
        request = RequestRow(
            id=new_id("ask"),
            template_key=job.key,
            template_hash=job.hash,
            wish=job.wish.model_dump(mode="json", exclude_unset=True),
            actor=actor,
            asked_at=self.clock.now(),
            model=conversation.model,
            prompt=prompt.VERSION,
            outcome=outcome,
            calls=conversation.calls,
            tokens=conversation.tokens,
        )
        rows = [_row(request.id, place, one) for place, one in enumerate(proposals, 1)]
        async with self.database.transaction() as connection:
            await repository.note(connection, request, rows)
        return Asked(request, rows)


def _row(request_id: str, place: int, one: _Proposal) -> ProposalRow:
    findings = [asdict(finding) for finding in one.findings]
    state = "refused" if one.refused else "offered"
    return ProposalRow(new_id("copy"), request_id, place, dict(one.texts), findings, state)


async def _proposals(conversation: _Conversation, job: _Job) -> list[_Proposal]:
    """What the model has at last, after two questions at most."""
    count, answer = job.wish.count, await conversation.ask()
    try:
        texts = prompt.read_answer(answer, job.pieces, count)
    except UnusableAnswerError as error:
        answer = await conversation.ask(prompt.answer_again(answer, error.detail))
        return await _checked(job, prompt.read_answer(answer, job.pieces, count))
    found = await _checked(job, texts)
    good = [one for one in found if not one.refused]
    failed = [one for one in found if one.refused]
    wrong = [[finding for finding in one.findings if finding.refuses] for one in failed]
    wrong += [[MISSING]] * (count - len(found))
    if not wrong:
        return found
    better: list[Mapping[str, str]] = []
    # What came first is not lost because the second question fails.
    with suppress(EndpointError, EndpointBusyError):
        answer = await conversation.ask(prompt.once_more(answer, wrong))
        better = list(prompt.read_answer(answer, job.pieces, len(wrong)))
    return await _checked(job, [*(one.texts for one in good), *better, *(one.texts for one in failed[len(better) :])])


async def _checked(job: _Job, texts: Sequence[Mapping[str, str]]) -> list[_Proposal]:
    """Each with what is found in it; one that says what another one says is refused."""
    found = [await asyncio.to_thread(_examined, job, one) for one in texts]
    for place, one in enumerate(found):
        if any(one.texts == other.texts for other in found[:place]):
            again = CopyFinding("repeated", "", "it says what another proposal says", "Write another one")
            found[place] = replace(one, findings=[*one.findings, again])
    return found


def _examined(job: _Job, texts: Mapping[str, str]) -> _Proposal:
    limits = {str(field): most for field, most in job.wish.limits.items()}
    found = list(text_findings(job.pieces, texts, limits, job.voice))
    if any(one.refuses for one in found):
        return _Proposal(texts, found)
    fields = written(job.base, job.pieces, texts)
    try:
        content = read_content(with_fields(job.own.document(), fields, job.language))
    except InvalidError as error:
        return _Proposal(texts, _unusable(error.faults))
    after = with_blocks(content, job.whole.blocks)
    if faults := content_faults(after):
        return _Proposal(texts, _unusable(faults))
    before = with_blocks(job.base, job.whole.blocks)
    return _Proposal(texts, [*found, *content_findings(before, in_language(after, job.language), job.parts)])


def _unusable(faults: Sequence[Fault]) -> list[CopyFinding]:
    return [CopyFinding("unusable", one.pointer, one.detail, one.mend) for one in faults]
