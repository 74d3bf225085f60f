"""Matches all operators that the outputs of a model depend on."""

from torch import fx

from builder.importing.rules.rule_table import matched
from builder.importing.rules.simplify import simplify
from builder.importing.rules.steps import Ref, Source, Step, Steps
from builder.importing.tracing.trace import Trace


def imported_steps(trace: Trace) -> Steps:
    """Match the operators of a model, from its outputs to its inputs."""
    results: dict[fx.Node, Ref] = {}
    pending = list(trace.outputs)
    while pending:
        value = pending.pop()
        if value in results or value.op == "placeholder":
            continue
        match = matched(trace, value)
        results[value] = match.result or Ref(value)
        refs = [results[value], *(ref for step in match.steps for ref in step.inputs.values())]
        pending += [ref.of for ref in refs if isinstance(ref.of, fx.Node)]
    outputs = [_resolved(results, Ref(node)) for node in trace.outputs]
    steps = Steps([], _sources(results, outputs), outputs)
    simplify(trace, steps)
    steps.ordered = _ordered(trace, steps)
    return steps


def _resolved(results: dict[fx.Node, Ref], ref: Ref) -> Source:
    """Follow aliases to an input or a step."""
    port = ref.port
    while isinstance(ref.of, fx.Node) and ref.of in results:
        ref = results[ref.of]
        port = port or ref.port
    return Source(ref.of, port)


def _sources(results: dict[fx.Node, Ref], outputs: list[Source]) -> dict[Step, dict[str, Source]]:
    """Find what each step reads on which outputs depend."""
    sources: dict[Step, dict[str, Source]] = {}
    pending = [output.of for output in outputs]
    while pending:
        step = pending.pop()
        if isinstance(step, Step) and step not in sources:
            sources[step] = {port: _resolved(results, ref) for port, ref in step.inputs.items()}
            pending += [source.of for source in sources[step].values()]
    return sources


def _ordered(trace: Trace, steps: Steps) -> list[Step]:
    """Order the steps by when the model computes them; each follows what it reads."""
    time: dict[Step, tuple[int, int]] = {}
    stack = [output.of for output in reversed(steps.outputs)]
    while stack:
        step = stack[-1]
        if not isinstance(step, Step) or step in time:
            stack.pop()
            continue
        before = [x.of for x in steps.sources[step].values() if isinstance(x.of, Step)]
        waiting = [one for one in before if one not in time]
        if waiting:
            stack += waiting
            continue
        latest = max([trace.rank[step.at], *(time[one][0] for one in before)])
        time[step] = (latest, len(time))
        stack.pop()
    return sorted(time, key=time.__getitem__)
