"""Everything that `journeyman rebuild` holds against the event log, in the order in which one rests on another."""

from journeyman.journeys.rebuilding import Check, ComputedCheck
from journeyman.journeys.segmentation.check import MembershipCheck


def every_check() -> tuple[Check, ...]:
    return (ComputedCheck(), MembershipCheck())
