"""Numbers computed from hyperparameters: their value, their code and what is refused."""

import pytest

from codegen.check import check
from codegen.compile import compile_model
from nodes.core.files.model_file import dumps, loads
from nodes.core.graphs.graph import Hyperparameter, Model
from nodes.core.graphs.number_expression import NumberError, NumberExpression, parse_number
from nodes.dropout.dropout import Dropout
from nodes.merge.affine import Affine
from tests.codegen.drawing import chain

VALUES = {"d_model": 16, "num_layers": 4, "rate": 0.5}
CODES = {
    "d_model ** -0.5": "config.d_model**-0.5",
    "1 / num_layers": "1 / config.num_layers",
    "2*(rate+1)": "2 * (config.rate + 1)",
    "(d_model + 1)**2": "(config.d_model + 1) ** 2",
    "-d_model ** 2": "-config.d_model**2",
    "d_model ** -rate": "config.d_model ** -config.rate",
    "num_layers ** rate ** 2": "config.num_layers ** config.rate**2",
    "d_model // 3 - 1e-3": "config.d_model // 3 - 0.001",
    "rate - (rate - 1)": "config.rate - (config.rate - 1)",
    "rate / (2 * num_layers)": "config.rate / (2 * config.num_layers)",
}


@pytest.mark.parametrize("text", CODES)
def test_an_expression_is_written_as_the_user_wrote_it(text):
    expression = parse_number(text)
    assert expression.code(lambda name, _: f"config.{name}").text == CODES[text]
    assert expression.evaluate(VALUES) == eval(text, {}, VALUES)
    assert parse_number(str(expression)) == expression


REFUSED = {
    "": "expected a number, a name or a bracket, got the end in ''",
    "d_model +": "expected a number, a name or a bracket, got the end in 'd_model +'",
    "(d_model": "expected a closing bracket, got none in '(d_model'",
    "d_model rate": "expected an operator or the end, got 'rate' in 'd_model rate'",
    "exit()": "expected an operator or the end, got '(' in 'exit()'",
    "d_model.real": "expected an operator or the end, got '.' in 'd_model.real'",
    "1e999 * rate": "expected a number below 2**53, got 1e999 in '1e999 * rate'",
    "(" * 40 + "rate" + ")" * 40: "expected at most 32 levels, got more in",
    "1 +" * 90 + "1": "expected at most 200 characters, got 271",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(NumberError) as error:
        parse_number(text)
    assert str(error.value).startswith(REFUSED[text])


UNDEFINED = {
    "1 / (rate - rate)": "expected a number, got 1 / (rate - rate): float division by zero",
    "(-rate) ** rate": "expected a real number, got (-rate) ** rate = ",
    "9 ** 9 ** 9 * rate": "expected a number, got 9 ** 9 ** 9 * rate: ",
    "missing * 2": "expected the name of a hyperparameter, got missing",
    "rate * 2": "expected a number from 0 to below 1, got rate * 2 = 1.0",
}


@pytest.mark.parametrize("text", UNDEFINED)
def test_a_number_that_does_not_exist_is_a_problem_of_the_parameter(text):
    model = chain(Dropout(p=text), rate=0.5)
    problem = check(model).errors[0]
    assert str(problem.location) == "a.p"
    assert problem.message.startswith(UNDEFINED[text])
    assert problem.remedies


def test_a_model_with_an_expression_is_saved_and_compiled_as_it_was_written():
    model = chain(Affine(scale="d_model ** -0.5"), Dropout(p="rate / 4"), d_model=64, rate=0.5)
    again = loads(dumps(model))
    assert again.graph == model.graph
    assert b'"scale": "d_model ** -0.5"' in dumps(model)
    source = compile_model(again).source
    assert "x * self.config.d_model**-0.5" in source
    assert "nn.Dropout(config.rate / 4)" in source


def test_a_renamed_hyperparameter_is_renamed_in_expressions():
    renamed = parse_number("rate * rate_2 + rate").renamed("rate", "p")
    assert isinstance(renamed, NumberExpression)
    assert (str(renamed), renamed.names) == ("p * rate_2 + p", {"p", "rate_2"})


def test_a_hyperparameter_of_an_expression_is_in_use():
    model = Model("x", hyperparameters={"rate": Hyperparameter(0.5)})
    unused = [problem.message for problem in check(model).problems]
    assert "expected a use of the hyperparameter, got none" in unused
    assert check(chain(Dropout(p="rate / 2"), rate=0.5)).problems == ()
