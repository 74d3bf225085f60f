"""Matches all operators that the outputs of a model depend on."""

from dataclasses import dataclass

from torch import fx

from builder.importing.request import NotImported
from builder.importing.rules.rule_table import matched
from builder.importing.rules.steps import Ref, Step
from builder.importing.tracing.trace import Trace


@dataclass(frozen=True)
class Source:
    """What an input port or an output of the model reads: an input of the model, or a step.

    Attributes:
        of: the input or the step.
        port: the output port of the step; "" for the first.
    """

    of: fx.Node | Step
    port: str = ""


@dataclass(frozen=True)
class Steps:
    """All steps of a model.

    Attributes:
        ordered: the steps; each reads earlier ones and inputs only.
        sources: what each input port of a step reads.
        outputs: what each output of the model reads.
    """

    ordered: list[Step]
    sources: dict[Step, dict[str, Source]]
    outputs: list[Source]


def imported_steps(trace: Trace) -> Steps:
    """Match the operators of a model, from its outputs to its inputs."""
    results: dict[fx.Node, Ref] = {}
    pending = list(trace.outputs)
    while pending:
        value = pending.pop()
        if value in results or value.op == "placeholder":
            continue
        match = matched(trace, value)
        if match.result is None:
            raise NotImported(f"{value.name}: no rule and no operator")
        results[value] = match.result
        refs = [match.result, *(ref for step in match.steps for ref in step.inputs.values())]
        pending += [ref.of for ref in refs if isinstance(ref.of, fx.Node)]
    outputs = [_resolved(results, Ref(node)) for node in trace.outputs]
    return _ordered(trace, results, outputs)


def _resolved(results: dict[fx.Node, Ref], ref: Ref) -> Source:
    """Follow aliases to an input or a step."""
    port = ref.port
    while isinstance(ref.of, fx.Node) and ref.of in results:
        ref = results[ref.of]
        port = port or ref.port
    return Source(ref.of, port)


def _ordered(trace: Trace, results: dict[fx.Node, Ref], outputs: list[Source]) -> Steps:
    """Order the steps that outputs depend on."""
    sources: dict[Step, dict[str, Source]] = {}
    ordered: list[Step] = []
    done: set[Step] = set()
    for output in outputs:
        stack = [output.of] if isinstance(output.of, Step) else []
        while stack:
            step = stack[-1]
            if step not in sources:
                sources[step] = {k: _resolved(results, ref) for k, ref in step.inputs.items()}
            waiting = [
                source.of
                for source in sources[step].values()
                if isinstance(source.of, Step) and source.of not in done
            ]
            if waiting:
                stack.append(waiting[-1])
                continue
            stack.pop()
            if step not in done:
                done.add(step)
                ordered.append(step)
    position = {step: i for i, step in enumerate(ordered)}
    ordered = _by_time(trace, ordered, sources, position)
    return Steps(ordered, sources, outputs)


def _by_time(
    trace: Trace,
    ordered: list[Step],
    sources: dict[Step, dict[str, Source]],
    position: dict[Step, int],
) -> list[Step]:
    """Order steps by when the model computes them; each still follows what it reads."""
    time: dict[Step, tuple[int, int]] = {}
    for step in ordered:
        before = [time[s.of][0] for s in sources[step].values() if isinstance(s.of, Step)]
        time[step] = (max([trace.rank[step.at], *before]), position[step])
    return sorted(ordered, key=time.__getitem__)
