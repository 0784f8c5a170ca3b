"""What customers choose and confirm, behind links that only our mails have. Nobody needs a key for them."""

from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response

from api.errors import HttpError, problems
from api.limits import read_body
from api.pages import confirm_question, confirmed, invalid_link, page, preference_centre, spoken
from api.routes.tracking import HTML, Token
from api.use_cases import ChoicesNow, ConfirmationsNow, TokensNow
from journeyman.journeys.subscribing.choices import Form
from journeyman.kit.errors import InvalidError

FORM_LIMIT = 100_000
MOST_FIELDS = 2000

router = APIRouter(tags=["tracking"], responses=problems(400, 422))


@router.get("/p/{token}", response_class=Response, responses=HTML)
async def show_preferences(token: Token, request: Request, tokens: TokensNow, choices: ChoicesNow) -> Response:
    """The preference centre: every channel and topic as a box that a reader may tick or not."""
    said = spoken(request)
    try:
        message_id = tokens.read_preferences(token)
    except InvalidError:
        return invalid_link(request)
    offered = await choices.offered(message_id, said.language)
    return preference_centre(said, offered) if offered else page(said, said.unknown, said.unknown_effect)


@router.post("/p/{token}", response_class=Response, responses=HTML | problems(413, 415))
async def choose_preferences(token: Token, request: Request, tokens: TokensNow, choices: ChoicesNow) -> Response:
    """Record what a reader has ticked and unticked, or that she wants nothing more. It holds for the next message."""
    said = spoken(request)
    try:
        message_id = tokens.read_preferences(token)
    except InvalidError:
        return invalid_link(request)
    sent = _fields(await read_body(request, FORM_LIMIT))
    if sent.get("do") == ["leave"]:
        changed = await choices.leave_all(message_id, said.language)
    else:
        form = Form(set(sent.get("offered", ())), set(sent.get("shown", ())), set(sent.get("on", ())))
        changed = await choices.choose(message_id, said.language, form)
    offered = await choices.offered(message_id, said.language)
    if offered is None:
        return page(said, said.unknown, said.unknown_effect)
    return preference_centre(said, offered, said.saved if changed else said.nothing_changed)


@router.get("/c/{token}", response_class=Response, responses=HTML)
async def ask_to_confirm(
    token: Token, request: Request, tokens: TokensNow, confirmations: ConfirmationsNow
) -> Response:
    """A page with a button, which confirms a subscription (double opt-in). Nothing happens before it is pressed."""
    said = spoken(request)
    try:
        asked = await confirmations.asked(tokens.read_confirmation(token), said.language)
    except InvalidError:
        return invalid_link(request)
    if asked is None or not asked.is_open:
        return confirmed(said, holds=asked is not None and asked.holds)
    return confirm_question(said, asked.names)


@router.post("/c/{token}", response_class=Response, responses=HTML)
async def confirm(token: Token, request: Request, tokens: TokensNow, confirmations: ConfirmationsNow) -> Response:
    """The page's button: what was asked is a yes from now on."""
    said = spoken(request)
    try:
        confirmation_id = tokens.read_confirmation(token)
    except InvalidError:
        return invalid_link(request)
    wording = f"{said.confirm_question} {said.confirm_button}"
    return confirmed(said, holds=await confirmations.confirm(confirmation_id, wording))


def _fields(body: bytes) -> dict[str, list[str]]:
    """The fields of a form that was sent. Raises `HttpError` for more of them than any page of ours has."""
    try:
        return parse_qs(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise HttpError(400, "This is no form of ours.") from error


for path, endpoint in (("/p/{token}", show_preferences), ("/c/{token}", ask_to_confirm)):
    router.add_api_route(path, endpoint, methods=["HEAD"], response_class=Response, include_in_schema=False)
