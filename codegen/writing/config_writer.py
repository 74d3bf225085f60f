"""The text of the ``Config``: its fields, the checks of their values, its properties."""

from math import inf

from codegen.planning.plan import ConfigCheck, ConfigField, Plan
from codegen.source.bounds_text import outside, span
from codegen.source.source_writer import WIDTH, SourceWriter
from nodes.core.graphs.python_expression import call

LONGEST_CONDITION = WIDTH - len("        if :")


def write_config(w: SourceWriter, plan: Plan) -> None:
    """Write the class of the hyperparameters."""
    w.line("@dataclass")
    with w.block("class Config:"):
        if not plan.config:
            w.docstring("This model has no hyperparameters.")
            return
        for field in plan.config:
            w.statement(f"{field.name}: {field.annotation}", field.value, field.doc)
        w.blank()
        with w.define("__post_init__", ["self"], "None"):
            if not _are_few(plan.config):
                _write_loop(w, plan.config)
            for field in plan.config:
                _write_field_check(w, field, plan.config)
            for check in plan.config_checks:
                _write_check(w, check)
        for planned in plan.properties:
            w.blank()
            w.line("@property")
            with w.define(planned.name, ["self"], "int"):
                w.returns(planned.value)


def _are_few(fields: list[ConfigField]) -> bool:
    """Check whether the fields are checked one by one, without a loop over their types."""
    return len(fields) <= (2 if any(field.annotation == "float" for field in fields) else 1)


def _is_positive(fields: list[ConfigField]) -> bool:
    """Check whether 1 is the least value of all whole numbers."""
    return all(field.bounds.least == 1 for field in fields if field.annotation == "int")


def _write_loop(w: SourceWriter, fields: list[ConfigField]) -> None:
    """Write the check of the types of all fields, and of their least value if it is one."""
    whole = [field for field in fields if field.annotation == "int"]
    positive = bool(whole) and _is_positive(fields)
    if len(whole) == len(fields):
        least, span = (" or value < 1", " above 0") if positive else ("", "")
        test = w.block(f"if type(value) is not int{least}:")
        with w.block("for name, value in vars(self).items():"), test:
            w.line(f'raise ValueError(f"{{name}} must be a whole number{span}")')
        return
    with w.block("for field in fields(self):"):
        w.line("value = getattr(self, field.name)")
        with w.block("if type(value) not in (int, field.type):"):
            w.line('raise ValueError(f"{field.name} must be of type {field.type.__name__}")')
        if positive:
            with w.block("if field.type is int and value < 1:"):
                w.line('raise ValueError(f"{field.name} must be at least 1")')


def _write_field_check(w: SourceWriter, field: ConfigField, fields: list[ConfigField]) -> None:
    """Write the check of one field: of its type too if there are few."""
    is_whole, few = field.annotation == "int", _are_few(fields)
    if is_whole and not few and field.bounds.most == inf and _is_positive(fields):
        return
    value = f"self.{field.name}"
    if len(_violation(field, value, few)) > LONGEST_CONDITION:
        w.line(f"value = {value}")
        value = "value"
    condition = _violation(field, value, few)
    if condition:
        noun = "a whole number" if is_whole else "a number"
        _write_raise(w, condition, f"{field.name} must be {noun}{span(field.bounds)}")


def _violation(field: ConfigField, value: str, with_type: bool) -> str:
    """Write the condition under which a value is not one of a field; "" if there is none."""
    is_whole = field.annotation == "int"
    beyond = outside(value, field.bounds, is_whole)
    if not with_type:
        return beyond
    is_other = f"type({value}) {'is not int' if is_whole else 'not in (int, float)'}"
    return f"{is_other} or {beyond}" if beyond else is_other


def _write_check(w: SourceWriter, check: ConfigCheck) -> None:
    condition = check.violation.text
    if len(condition) > LONGEST_CONDITION:
        w.statement(*check.term)
        condition = check.short
    _write_raise(w, condition, check.message)


def _write_raise(w: SourceWriter, condition: str, message: str) -> None:
    with w.block(f"if {condition}:"):
        w.statement("raise", call("ValueError", message))
