"""Results of tests as JUnit XML, which every CI shows.

The format is the one of Ant's junitreport as Jenkins and GitLab read it (testsuites, testsuite, testcase, failure).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

if TYPE_CHECKING:
    from journeyman.simulation.cases import Played


def as_junit(played: Sequence[tuple[str, Sequence["Played"]]]) -> str:
    """One suite a journey, one case a test."""
    root = Element("testsuites")
    for journey, all_ in played:
        failed = sum(bool(one.failures) for one in all_)
        seconds = sum(one.seconds for one in all_)
        numbers = {"tests": str(len(all_)), "failures": str(failed), "errors": "0", "time": f"{seconds:.3f}"}
        suite = SubElement(root, "testsuite", {"name": journey, **numbers})
        for one in all_:
            case = SubElement(suite, "testcase", classname=journey, name=one.case.name, time=f"{one.seconds:.3f}")
            if one.failures:
                SubElement(case, "failure", message=one.failures[0]).text = "\n".join(one.failures)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'
