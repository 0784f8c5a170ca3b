"""Every recorded history of every version of the workflow code still replays."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from workflows.campaign import CampaignWorkflow
from workflows.confirmation import ConfirmationWorkflow
from workflows.erasure import ErasureWorkflow
from workflows.experiment import ExperimentWorkflow
from workflows.fleet import sandbox
from workflows.journey import JourneyWorkflow
from workflows.migration import MigrationWorkflow
from workflows.segment_push import SegmentPushWorkflow

HISTORIES = Path(__file__).parents[1] / "histories"
RECORDED = sorted(HISTORIES.glob("*/*.json"))


OTHERS = [
    *(ConfirmationWorkflow, ErasureWorkflow, ExperimentWorkflow, CampaignWorkflow, MigrationWorkflow),
    SegmentPushWorkflow,
]


def recorded(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(path.stem, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_a_recorded_history_replays(path: Path) -> None:
    workflows = [JourneyWorkflow, *OTHERS]
    replayer = Replayer(workflows=workflows, workflow_runner=sandbox(), data_converter=pydantic_data_converter)
    await replayer.replay_workflow(recorded(path))


def test_each_way_through_the_workflow_is_recorded() -> None:
    assert {path.stem for path in RECORDED} >= {
        "reference",
        "exited",
        "released",
        "restarted",
        "direct",
        "continued",
        "confirmation",
        "erasure",
        "called",
        "performed",
        "cancelled",
        "campaign",
        "migrated",
        "migration",
        "pushed",
    }
