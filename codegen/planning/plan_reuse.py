"""The plan of a model after an edit that changes modules, but no statement of a method.

The last plan, and the graph after an edit -> the last plan with the new modules of the nodes that
the edit changed. What any other change means for names and statements only a new plan can say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from codegen.check.checked_graph import CheckedNode
from codegen.check.tied_padding import padding_rows
from codegen.planning.class_planner import ClassPlanner
from codegen.planning.class_use import ClassUse
from codegen.planning.model_scope import ModelScope
from codegen.planning.plan import Attribute, ClassPlan
from codegen.planning.primitive_code import PrimitiveEmitter
from nodes.core.graphs.graph import InputNode
from nodes.core.graphs.python_expression import Expr
from nodes.core.graphs.shared_value import SharingNode


@dataclass(slots=True)
class LastPlan:
    """The plan of the classes of a model, to be edited.

    Attributes:
        key: what the plan depends on apart from the nodes of the main graph.
        dataflow: the paths of the main graph.
    """

    key: object
    dataflow: str
    _use: ClassUse
    _scope: ModelScope
    _emitters: dict[str, PrimitiveEmitter]

    @classmethod
    def of(cls, key: object, dataflow: str, planner: ClassPlanner) -> "LastPlan":
        """Remember the plan of the class of a model."""
        scope = _copied(planner.model_scope)
        return cls(key, dataflow, planner.use, scope, planner.emitters)

    def edited(self, key: object, use: ClassUse) -> ModelScope | None:
        """Return the scope of the model with the plan after an edit; None if it has to be made.

        Args:
            key: what the plan depends on apart from the nodes, after the edit.
            use: the main graph after the edit.
        """
        before, after = self._use.checked, use.checked
        if key != self.key or after.sources is not before.sources or after.order != before.order:
            return None
        changed: dict[str, PrimitiveEmitter] = {}
        for name in after.order:
            old, new = before.nodes[name], after.nodes[name]
            if old is new or (name not in use.live and _is_without_code(old, new)):
                continue
            emitter = self._emitter_after(name, old, new)
            if emitter is None:
                return None
            changed[name] = emitter
        self._emitters |= changed
        self._use = use
        *others, planned = self._scope.classes
        modules = {emitter.layer: emitter.module() for emitter in changed.values()}
        self._scope.classes = [*others, _with_modules(planned, modules)]
        return _copied(self._scope)

    def _emitter_after(
        self, name: str, old: CheckedNode, new: CheckedNode
    ) -> PrimitiveEmitter | None:
        """Return the emitter of a changed node; None if more than its module differs."""
        emitter = self._emitters.get(name)
        if emitter is None or emitter.cached_state or emitter.shared or not _may_stay(old, new):
            return None
        effects, other = emitter.effects(), emitter.of(new)
        return other if effects is not None and effects == other.effects() else None


def _copied(scope: ModelScope) -> ModelScope:
    """Copy a scope and the sets that planning the ``Config`` adds to."""
    return replace(
        scope,
        functions=set(scope.functions),
        used_fields=set(scope.used_fields),
        used_quotients=set(scope.used_quotients),
        classes=[*scope.classes],
    )


def _is_without_code(old: CheckedNode, new: CheckedNode) -> bool:
    """Check that a node that no output depends on has no part in the code; an input has one."""
    same_texts = old.node.size_texts() == new.node.size_texts()
    return same_texts and not isinstance(old.node, InputNode)


def _may_stay(old: CheckedNode, new: CheckedNode) -> bool:
    """Check that a change of a node changes no shape, no shared weight and no notation of sizes."""
    before, after = old.node, new.node
    if isinstance(before, SharingNode) or type(before) is not type(after):
        return False
    if old.inferred is None or new.inferred is None or old.input_specs != new.input_specs:
        return False
    specs_stay = old.inferred.outputs == new.inferred.outputs
    is_alone = not (before.tied_to or after.tied_to or padding_rows({"": before, " ": after}))
    same_code = before.outputs == after.outputs and before.returns == after.returns
    return specs_stay and is_alone and same_code and before.size_texts() == after.size_texts()


def _with_modules(planned: ClassPlan, modules: Mapping[str, Expr | None]) -> ClassPlan:
    """Replace the modules of some layers."""
    attributes = [
        Attribute(one.name, modules.get(one.name) or one.value, one.nodes)
        for one in planned.attributes
    ]
    return replace(planned, attributes=attributes)
