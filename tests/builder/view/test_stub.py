"""The stub of Dear PyGui agrees with the installed package and with what builder.view uses."""

import ast
import inspect
from pathlib import Path

import dearpygui.dearpygui as dpg

ROOT = Path(__file__).parents[3]
STUB = ast.parse((ROOT / "typings/dearpygui/dearpygui.pyi").read_text(encoding="utf-8"))
FUNCTIONS = {node.name: node for node in STUB.body if isinstance(node, ast.FunctionDef)}
CONSTANTS = {node.target.id for node in STUB.body if isinstance(node, ast.AnnAssign)}
UNNAMED_OPTIONS = {"configure_app", "configure_item"}
"""Functions whose options the package takes as ``**kwargs`` without naming them."""


def used_names() -> set[str]:
    """Return the names of Dear PyGui that the modules of builder.view refer to."""
    return {
        node.attr
        for path in (ROOT / "builder" / "view").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "dpg"
    }


def test_stub_declares_exactly_the_names_that_are_used():
    assert FUNCTIONS.keys() | CONSTANTS == used_names()


def test_every_name_of_the_stub_exists_in_the_package():
    assert {name for name in FUNCTIONS if not callable(getattr(dpg, name, None))} == set()
    assert {name for name in CONSTANTS if not isinstance(getattr(dpg, name, None), int)} == set()


def test_every_parameter_of_the_stub_exists_in_the_package():
    unknown = {
        f"{name}({parameter})"
        for name in FUNCTIONS.keys() - UNNAMED_OPTIONS
        for parameter in _parameters(name)
        if parameter not in inspect.signature(getattr(dpg, name)).parameters
    }
    assert unknown == set()


def test_positional_parameters_come_in_the_order_of_the_package():
    for name, function in FUNCTIONS.items():
        declared = [argument.arg for argument in function.args.args]
        installed = list(inspect.signature(getattr(dpg, name)).parameters)
        assert installed[: len(declared)] == declared, name


def test_every_option_of_configure_item_belongs_to_a_widget():
    known = {
        parameter
        for name, function in vars(dpg).items()
        if name.startswith(("add_", "draw_"))
        for parameter in inspect.signature(function).parameters
    }
    assert set(_parameters("configure_item")) <= known | {"item"}


def _parameters(name: str) -> list[str]:
    arguments = FUNCTIONS[name].args
    return [argument.arg for argument in (*arguments.args, *arguments.kwonlyargs)]
