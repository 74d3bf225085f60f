"""The claims that every node type is tested for, and the report of those of custom nodes.

`tests.test_every_node` tests the built-in nodes for the same claims, with more draws.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import torch

from codegen.harness.dependence import dependence_faults
from codegen.harness.node_checks import (
    declaration_faults,
    default_faults,
    empty_sequence_faults,
    expansion_faults,
    file_faults,
    manual_faults,
    random_node,
)
from codegen.harness.one_node import Refused, draw_case
from codegen.harness.streaming_checks import streaming_faults
from nodes.core.graphs.catalog import custom_sources
from nodes.core.graphs.graph import Composite
from nodes.core.graphs.node import Node
from nodes.core.graphs.node_case import Case
from nodes.core.graphs.node_guard import describe_error
from nodes.core.graphs.port import Kind

CASES = "CASES"
"""The name under which a file lists the cases of its nodes."""

MOST_FAULTS = 5
"""The most faults of one claim that are reported."""

RESTRICTIONS = (Kind.MASK, Kind.LENGTHS)


@dataclass(frozen=True, slots=True)
class Claim:
    """What is true of every node.

    Attributes:
        title: the claim.
        faults: lists the faults of a case, drawn at random.
        draws: how often a case is drawn.
        concerns: whether it is a claim about a node type.
    """

    title: str
    faults: Callable[[Case, Random], list[str]]
    draws: int
    concerns: Callable[[type[Node]], bool] = lambda _: True


def is_restricted(node_type: type[Node]) -> bool:
    """Return whether a node takes a mask or lengths."""
    return any(port.kind in RESTRICTIONS for port in node_type.inputs)


def with_restrictions(case: Case) -> Case:
    """Connect the masks and the lengths of a node, with and without its other optional inputs."""
    if case.without is not None:
        return case
    others = (port for port in case.node.inputs if port.optional or port.default)
    names = [one.name for one in others if one.kind not in RESTRICTIONS]
    return replace(case, without=("", " ".join(names)))


def _is_composite(node_type: type[Node]) -> bool:
    return issubclass(node_type, Composite)


def _is_primitive(node_type: type[Node]) -> bool:
    return not issubclass(node_type, Composite)


CLAIMS = (
    Claim(
        "the declared shapes, kinds and weights are computed",
        lambda case, random: declaration_faults(draw_case(case, random)),
        8,
    ),
    Claim(
        "an output depends on no more than its receptive field declares",
        lambda case, random: dependence_faults(draw_case(case, random)),
        1,
        _is_primitive,
    ),
    Claim(
        "a sequence in pieces gives the outputs of the whole one, where the node streams",
        lambda case, random: streaming_faults(case, random.randrange(2**32)),
        4,
    ),
    Claim(
        "an empty sequence gives finite results",
        lambda case, random: empty_sequence_faults(draw_case(with_restrictions(case), random)),
        3,
        is_restricted,
    ),
    Claim(
        "a composite is its expansion",
        lambda case, random: expansion_faults(draw_case(case, random)),
        4,
        _is_composite,
    ),
    Claim("the manual page is complete", lambda case, _: manual_faults(type(case.node)), 1),
    Claim("the defaults are those of PyTorch", lambda case, _: default_faults(type(case.node)), 1),
    Claim("a case is not lost in a file", lambda case, _: file_faults(case.node), 1),
    Claim(
        "no parameter is lost in a file",
        lambda case, random: file_faults(random_node(type(case.node), random)),
        20,
    ),
)


def node_reports(origin: str) -> Iterator[dict[str, Any]]:
    """Test the custom nodes of an origin, which is loaded.

    Yields:
        For each node and claim: the node, the claim as ``check``, the state "ok", "fault" or "n/a",
        what was done as ``detail``, and the faults.
    """
    for node_type in custom_sources()[origin].types:
        cases = cases_of(node_type)
        for claim in CLAIMS:
            yield {"node": node_type.__name__, "check": claim.title} | _result(claim, cases)


def cases_of(node_type: type[Node]) -> list[Case]:
    """Return the cases that the file of a node lists; by default one, with default parameters."""
    listed = getattr(sys.modules[node_type.__module__], CASES, ())
    own = [case for case in listed if isinstance(case, Case) and type(case.node) is node_type]
    return own or [Case(node_type())]


def _result(claim: Claim, cases: list[Case]) -> dict[str, Any]:
    if not claim.concerns(type(cases[0].node)):
        return {"state": "n/a", "detail": "no claim about a node of this kind", "faults": []}
    faults: dict[str, None] = {}
    for number, case in enumerate(cases):
        for draw in range(claim.draws):
            torch.manual_seed(draw)
            found = _faults(claim, case, Random(f"{number} {draw}"))
            faults.update(dict.fromkeys(f"case {number}: {fault}" for fault in found))
    count = len(cases) * claim.draws
    detail, shown = f"{count} draw{'s' * (count != 1)}", [*faults][:MOST_FAULTS]
    return {"state": "fault" if shown else "ok", "detail": detail, "faults": shown}


def _faults(claim: Claim, case: Case, random: Random) -> list[str]:
    try:
        return claim.faults(case, random)
    except Refused as error:
        got = str(error).replace("\n", "; ")
        advice = f"list cases with valid sizes in {CASES}"
        return [
            f"expected inputs that the check accepts, got sizes that it refuses: {got} {advice}"
        ]
    except Exception as error:  # noqa: BLE001 (the code of the user may raise anything)
        return [f"expected code that runs, got {describe_error(error)}"]
