"""Companies, teams and households, and who belongs to them."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.dependencies import READS
from api.errors import problems
from api.parameters import NO_NUL, Cursor, CustomerId, Limit
from api.schemas.groups import BelongingItem, GroupFull, MemberItem
from api.schemas.pages import PageOf
from api.use_cases import GroupsNow
from journeyman.customers.groups.repository import Belonging, Member, StoredGroup
from journeyman.kit.pagination import Page

router = APIRouter(prefix="/v1", tags=["groups"], responses=problems(400, 401, 403, 404, 422), dependencies=[READS])
GroupId = Annotated[str, Path(min_length=1, max_length=512, pattern=NO_NUL, description="The `groupId` of the calls")]


@router.get("/customers/{customer_id}/groups", response_model=PageOf[BelongingItem], tags=["customers"])
async def list_groups_of_customer(
    customer_id: CustomerId, groups: GroupsNow, limit: Limit = 50, cursor: Cursor = None
) -> Page[Belonging]:
    """The groups to which a customer belongs, by group."""
    return await groups.of_customer(customer_id, cursor, limit)


# An id may hold a slash, so that the group itself comes behind what is under a group.


@router.get("/groups/{group_id:path}/members", response_model=PageOf[MemberItem])
async def list_members_of_group(
    group_id: GroupId, groups: GroupsNow, limit: Limit = 50, cursor: Cursor = None
) -> Page[Member]:
    """Who belongs to a group, by customer."""
    return await groups.members(group_id, cursor, limit)


@router.get("/groups/{group_id:path}", response_model=GroupFull)
async def read_group(group_id: GroupId, groups: GroupsNow) -> StoredGroup:
    """A group's traits, as `group` calls have told them: of each trait the latest by the time of the event."""
    return await groups.get(group_id)
