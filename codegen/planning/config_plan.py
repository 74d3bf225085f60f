"""The plan of the ``Config``: its fields with their bounds, its checks and its properties."""

from codegen.check.checked_graph import CheckedGraph
from codegen.check.recipe_checks import recipe_names
from codegen.planning.config_checks import ConfigConstraints
from codegen.planning.model_scope import ModelScope
from codegen.planning.number_checks import number_checks
from codegen.planning.plan import ConfigCheck, ConfigField, ConfigProperty, Plan
from nodes.core.graphs.graph import Hyperparameter, Model
from nodes.core.graphs.python_expression import Expr, compare, literal, parse_arithmetic
from nodes.core.shapes.dim import AnyDim, code, hyper


def plan_config(plan: Plan, model: Model, main: CheckedGraph, scope: ModelScope) -> None:
    """Plan the ``Config`` of a model whose classes are planned."""
    constraints = ConfigConstraints.of(main, model.sizes, frozenset(scope.used_fields))
    plan.config_checks = [*_checks(constraints, scope), *_number_checks(constraints, model, scope)]
    plan.properties = [
        ConfigProperty(name, _write(hyper(dividend), scope) // _write(hyper(divisor), scope))
        for name, (dividend, divisor) in scope.quotients.named.items()
        if name in scope.used_quotients
    ]
    used = scope.used_fields | recipe_names(model.recipe)
    plan.config = [
        _field(name, known, constraints, scope)
        for name, known in model.hyperparameters.items()
        if name in used
    ]


def _field(
    name: str, known: Hyperparameter, constraints: ConfigConstraints, scope: ModelScope
) -> ConfigField:
    value = known.value
    if name in constraints.reals and name not in constraints.sizes:
        value = float(value)
    bounds = constraints.bounds(name)
    return ConfigField(scope.fields[name], type(value).__name__, literal(value), known.doc, bounds)


def _checks(constraints: ConfigConstraints, scope: ModelScope) -> list[ConfigCheck]:
    checks = [_order(*order, scope) for order in constraints.orders()]
    for dividend, divisor in constraints.needed_divisions():
        left, right = _write(dividend, scope), _write(divisor, scope)
        message = f"{left.text} must be a multiple of {right.text}"
        remainder = left % right
        checks.append(_check(remainder, message, ("remainder", remainder), "remainder"))
    for size, other in constraints.equal:
        left, right = _write(size, scope), _write(other, scope)
        message = f"{left.text} must be equal to {right.text}"
        term = ("difference", left - right)
        checks.append(_check(compare(left, "!=", right), message, term, "difference"))
    return checks


def _number_checks(
    constraints: ConfigConstraints, model: Model, scope: ModelScope
) -> list[ConfigCheck]:
    read = frozenset(scope.used_fields)
    others = {
        name: value
        for name, value in model.values.items()
        if name not in read and isinstance(value, int | float)
    }
    numbers = {
        number.at(others): bounds
        for number, bounds in constraints.numbers.items()
        if not read.isdisjoint(number.names)
    }
    return number_checks(
        numbers, constraints.bounds, lambda name, is_free: f"self.{scope.config_field(name)}"
    )


def _order(size: AnyDim, other: AnyDim, excess: int, scope: ModelScope) -> ConfigCheck:
    """Plan the check that a size exceeds another by at least a number."""
    left, right = _write(size, scope), _write(other, scope)
    term = ("difference", left - right)
    if excess == 1 and other != 0:
        message = f"{left.text} must be greater than {right.text}"
        return _check(compare(left, "<=", right), message, term, "difference <= 0")
    if size == 0:
        message = f"{right.text} must be at most {-excess}"
        term = ("total", right)
        return _check(compare(right, ">", -excess), message, term, f"total > {-excess}")
    bound = _write(other + excess, scope)
    message = f"{left.text} must be at least {bound.text}"
    return _check(compare(left, "<", bound), message, term, f"difference < {excess}")


def _check(violation: Expr, message: str, term: tuple[str, Expr], short: str) -> ConfigCheck:
    return ConfigCheck(violation, message.replace("self.", ""), term, short)


def _write(size: AnyDim, scope: ModelScope) -> Expr:
    """Write a size as an expression of the fields of the ``Config``."""
    return parse_arithmetic(code(size, lambda name, is_free: f"self.{scope.config_field(name)}")[0])
