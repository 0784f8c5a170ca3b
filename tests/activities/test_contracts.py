"""An implementation of an activity is one only if it says so itself: overriding an abstract one is not enough."""

import inspect
from typing import Any

import pytest
from temporalio import activity

from activities.confirmations import ConfirmationMailActivities
from activities.contracts import (
    ConfirmationActivities,
    ErasureActivities,
    IntakeActivities,
    JourneyActivities,
    LearningActivities,
    PushActivities,
)
from activities.erasure import RemovalActivities
from activities.intake import PartitionActivities
from activities.journeys import RunActivities
from activities.learning import ModelActivities
from activities.pushing import SegmentPushActivities

CONTRACTS = [
    (JourneyActivities, RunActivities),
    (IntakeActivities, PartitionActivities),
    (ConfirmationActivities, ConfirmationMailActivities),
    (ErasureActivities, RemovalActivities),
    (PushActivities, SegmentPushActivities),
    (LearningActivities, ModelActivities),
]


def defined(kind: type[Any]) -> dict[str, str | None]:
    """Activity functions by name, with the name under which workers register them."""
    found = {}
    for name, member in inspect.getmembers(kind, inspect.isfunction):
        definition = activity._Definition.from_callable(member)
        if definition is not None:
            found[name] = definition.name
    return found


@pytest.mark.parametrize(("contract", "implementation"), CONTRACTS)
def test_every_activity_of_a_contract_is_implemented_under_its_name(
    contract: type[Any], implementation: type[Any]
) -> None:
    assert defined(contract) == defined(implementation) != {}


@pytest.mark.parametrize(("contract", "implementation"), CONTRACTS)
def test_implementations_add_no_activity_of_their_own(contract: type[Any], implementation: type[Any]) -> None:
    assert issubclass(implementation, contract)
    assert defined(implementation).keys() <= defined(contract).keys()
