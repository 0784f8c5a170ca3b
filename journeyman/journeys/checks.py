"""Everything that `journeyman rebuild` holds against the event log, in the order in which one rests on another."""

from journeyman.journeys.interest_check import InterestCheck
from journeyman.journeys.rebuilding import Check, ComputedCheck
from journeyman.journeys.score_check import ScoreCheck
from journeyman.journeys.segmentation.check import MembershipCheck


def every_check() -> tuple[Check, ...]:
    return (ComputedCheck(), InterestCheck(), ScoreCheck(), MembershipCheck())
