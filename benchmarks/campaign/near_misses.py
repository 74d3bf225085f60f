"""One edit of a document that runs, after which it may no longer."""

import copy
from random import Random

from benchmarks.campaign.reference.fields import Number, Plain, Whole, Word
from benchmarks.campaign.reference.loops import ENDS, INNER_INPUTS
from benchmarks.campaign.reference.signatures import FIELDS, signature

Edit = str
NUMBERS = (0.0, 1.0, -0.1, 1.1, 0.5, -1.0, 1e-3)
WORDS = ("relu", "gelu", "none", "tanh", "same", "causal", "act", "d", "rate", "nothing", "sqrt")
BREAKS = ("d +", "d // 0", "d d", "d / 2", "(d", "d ** 2", "unknown", "d - d", "d - 40", "rate", "")


def near_miss(document: dict, random: Random) -> tuple[dict, Edit]:
    """Return a copy of a document with one edit, and what it was."""
    edits = (
        *(parameter,) * 6,
        *(redirect,) * 3,
        *(hyperparameter,) * 2,
        *(remove_edge, swap_edges, remove_node, insert, retype, bypass, tie, repeat),
    )
    for _ in range(20):
        changed = copy.deepcopy(document)
        graphs = [changed, *changed["blocks"].values()]
        edit = random.choice(edits)
        if done := edit(changed, random.choice(graphs), random):
            return changed, f"{edit.__name__}: {done}"
    return document, ""


def kept(graph: dict) -> list[str]:
    """List the nodes that are not bypassed; the parameters of others do not matter."""
    return [name for name in graph["nodes"] if name not in graph.get("bypassed", ())]


def parameter(document: dict, graph: dict, random: Random) -> str:
    """Change one parameter to a value at or beyond its bounds, or by one."""
    names = [n for n in kept(graph) if FIELDS.get(graph["nodes"][n]["type"])]
    if not names:
        return ""
    name = random.choice(names)
    node = graph["nodes"][name]
    fields = FIELDS[node["type"]]
    key = random.choice([*fields])
    field, value = fields[key], node.get(key, fields[key].default)
    if key in ("tie", "block", "repeat", "shape"):
        return ""
    if isinstance(field, Plain) and type(field.default) is bool:
        value = not value
    elif isinstance(field, Word):
        value = random.choice(WORDS)
    elif isinstance(field, Number):
        number = random.choice((*NUMBERS, "rate", "act", "d", "r", "sqrt"))
        value = 30.0 if key in ("base", "rotary") and number in (1e-3, "rate") else number
    elif isinstance(field, Whole) or type(field.default) is int:
        value = whole(value, random)
    elif key == "pattern":
        words = value.split()
        words[random.randrange(len(words))] = random.choice(("1", "C", "->", "...", "(", "size"))
        value = " ".join(words)
    node[key] = value
    return f"{name}.{key} = {value!r}"


def whole(value: object, random: Random) -> object:
    """Return another whole number, an expression, or a word."""
    number = value if type(value) is int else random.choice((1, 2, 3, 6, 8))
    near = (number + 1, number - 1, number + 1, number - 1, 2 * number, -number, number // 2)
    named = f"{value} + 1" if isinstance(value, str) else "d + 1"
    return random.choice((*near, 0, 1, 1, 7, named, random.choice(BREAKS), 2.5, True))


def hyperparameter(document: dict, graph: dict, random: Random) -> str:
    """Change the value of a hyperparameter."""
    known = document["hyperparameters"]
    name = random.choice([*known])
    value = known[name]
    if type(value) is int:
        value = random.choice((value + 1, value - 1, value + 1, 2 * value, 0, -1, 2.5, "gelu", 1))
    elif type(value) is float:
        value = random.choice((0.0, 1.0, -0.5, 1.5, 2, "tanh"))
    else:
        value = random.choice(("relu", "gelu", "silu", "none", "tanh", 3))
    known[name] = value
    return f"{name} = {value!r}"


def remove_edge(document: dict, graph: dict, random: Random) -> str:
    """Remove an edge."""
    target = random.choice([*graph["edges"]])
    del graph["edges"][target]
    return target


def swap_edges(document: dict, graph: dict, random: Random) -> str:
    """Swap the sources of two edges."""
    edges = graph["edges"]
    one, other = random.choice([*edges]), random.choice([*edges])
    edges[one], edges[other] = edges[other], edges[one]
    return f"{one}, {other}" if edges[one] != edges[other] else ""


def redirect(document: dict, graph: dict, random: Random) -> str:
    """Let an edge start at another port, or connect a port that had no edge."""
    nodes = graph["nodes"]
    sources = [f"{name}.{port}" for name in nodes for port in outputs(document, nodes[name])]
    name = random.choice([*nodes])
    if nodes[name]["type"] == "Block":
        inner = document["blocks"][nodes[name]["block"]]["nodes"]
        ports = [key for key, one in inner.items() if one["type"] in INNER_INPUTS]
    else:
        rules = signature(nodes[name]["type"])[0]
        ports = [f"{p.name}.{random.randrange(3)}" if p.variadic else p.name for p in rules]
    if not ports or not sources:
        return ""
    target, source = f"{name}.{random.choice(ports)}", random.choice(sources)
    graph["edges"][target] = source
    return f"{source} to {target}"


def outputs(document: dict, node: dict) -> list[str]:
    """List the output ports of a node."""
    if node["type"] in ENDS:
        return []
    if node["type"] == "Block":
        inner = document["blocks"][node["block"]]["nodes"]
        return [key for key, one in inner.items() if one["type"] in ENDS]
    return [port for port, _ in signature(node["type"])[1]]


def remove_node(document: dict, graph: dict, random: Random) -> str:
    """Remove a node with its edges."""
    name = random.choice([*graph["nodes"]])
    del graph["nodes"][name]
    graph["edges"] = {
        target: source
        for target, source in graph["edges"].items()
        if name not in (target.partition(".")[0], source.partition(".")[0])
    }
    graph["bypassed"] = [other for other in graph.get("bypassed", ()) if other != name]
    used = {
        n.get("block")
        for g in (document, *document["blocks"].values())
        for n in g["nodes"].values()
    }
    return name if used >= document["blocks"].keys() else ""


def insert(document: dict, graph: dict, random: Random) -> str:
    """Insert a node that changes the rank, the order or the number of dimensions."""
    target = random.choice([*graph["edges"]])
    node = random.choice(
        (
            {"type": "Transpose", "dim0": 0, "dim1": random.choice((1, -1))},
            {"type": "Transpose", "dim0": -1, "dim1": -2},
            {
                "type": "Select",
                "dim": random.choice((0, 1, -1)),
                "index": random.choice((0, -1, 1)),
            },
            {"type": "Reshape", "pattern": random.choice(("... C -> ... 1 C", "B ... -> 1 B ..."))},
            {"type": "Slice", "dim": random.choice((1, -1)), "start": 1},
            {"type": "ShiftRight"},
            {"type": "Linear", "out_features": random.choice((1, 7, "d"))},
            {"type": "GELU"},
            {"type": "PositionIds"},
            {"type": "FirstStep"},
        )
    )
    graph["nodes"]["extra"] = node
    graph["edges"]["extra.input"] = graph["edges"][target]
    graph["edges"][target] = "extra.output"
    return f"{node} before {target}"


def retype(document: dict, graph: dict, random: Random) -> str:
    """Give a node another type that has the same ports."""
    nodes = graph["nodes"]
    names = [n for n in kept(graph) if nodes[n]["type"] not in ("Block", *ENDS)]
    if not names:
        return ""
    name = random.choice(names)
    node = graph["nodes"][name]
    alike = [
        other
        for other in FIELDS
        if other not in ("Block", node["type"])
        and [p.name for p in signature(other)[0]] == [p.name for p in signature(node["type"])[0]]
    ]
    if not alike:
        return ""
    other = random.choice(alike)
    same = [key for key in ("length", "dim", "bias") if key in node and key in FIELDS[other]]
    graph["nodes"][name] = {"type": other, **{key: node[key] for key in same}}
    return f"{name} is {other}"


def bypass(document: dict, graph: dict, random: Random) -> str:
    """Bypass a node."""
    name = random.choice([*graph["nodes"]])
    graph["bypassed"] = [*{*graph.get("bypassed", ()), name}]
    return name


def tie(document: dict, graph: dict, random: Random) -> str:
    """Tie the weight of a node to another's."""
    names = [n for n in kept(graph) if graph["nodes"][n]["type"] in ("Linear", "Embedding")]
    if not names:
        return ""
    name, other = random.choice(names), random.choice([*graph["nodes"], "nothing", *names * 2])
    graph["nodes"][name]["tie"] = other
    return f"{name} to {other}"


def repeat(document: dict, graph: dict, random: Random) -> str:
    """Repeat a composite."""
    nodes = graph["nodes"]
    names = [n for n in kept(graph) if "repeat" in FIELDS.get(nodes[n]["type"], {})]
    if not names:
        return ""
    name = random.choice(names)
    node = graph["nodes"][name]
    node |= {"repeat": random.choice((2, 3, "r", 0, -1)), "share": random.random() < 0.5}
    return f"{name} {node['repeat']} times"
