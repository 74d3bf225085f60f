"""A training recipe: the task that a model is trained for, and the settings of its training.

A task is one class in one file of the package `nodes.tasks`; a recipe is an instance of it. The
fields of the class are the settings, which model files keep and ``train.py`` starts from. Its
class attributes declare as data what other packages need to know of the task:

* `codegen.check.recipe_checks` compares the declared inputs, output and sizes with the graph;
* `codegen.project.train_script` assembles the declared parts of the training script;
* `codegen.compile`, the command line and the inspector use `Recipe.generates` and
  `Recipe.overview`.

These packages import `nodes`, so a task declares what they need instead of calling them. None of
them names a task: adding one takes its file, which `nodes.core.graphs.catalog.task_types`
discovers, and, where the existing text does not fit, its parts in `codegen/project/training`.
"""

from collections.abc import Mapping
from itertools import combinations
from pathlib import PurePosixPath
from string import Formatter
from typing import Annotated, Any, ClassVar, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from nodes.core.graphs.port import Kind
from nodes.core.shapes.dim import free, hyper
from nodes.core.shapes.expression import NAME, is_name
from nodes.core.shapes.pattern import parse_pattern
from nodes.core.shapes.shape import Bindings, Shape


def _inside(path: str) -> str:
    """Refuse a path that leads out of the folder, on any system."""
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or not parts or "\\" in path or ":" in path:
        raise ValueError(
            f"expected a file in or below the folder of the script, got {repr(path)}. "
            "Write its path with / between folders, and without .. or a drive."
        )
    return path


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError(f"expected printable text, got {repr(text)}. Remove the other characters.")
    return text


def _hyperparameter(name: str) -> str:
    if not is_name(name):
        raise ValueError(f"expected the name of a hyperparameter, got {name!r}. Write another.")
    return name


Name = Annotated[str, Field(pattern=f"^{NAME.pattern}$"), AfterValidator(_hyperparameter)]
"""The name of a hyperparameter of the model."""
Text = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_printable)]
File = Annotated[Text, AfterValidator(_inside)]
"""A path relative to the folder of the training script."""
Columns = Annotated[tuple[Text, ...], Field(strict=False, max_length=1000)]
Count = Annotated[int, Field(ge=1, le=10**9)]
Length = Annotated[int, Field(ge=1, le=10**6)]
Rate = Annotated[float, Field(gt=0, le=1)]

SUMMARY_FIELDS = frozenset({"title", "model", "steps", "more"})
"""The fields of `Recipe.script_summary`: title and class of the model, steps, twice the steps."""


class ScriptPart(NamedTuple):
    """A file of ``codegen/project/training`` whose text goes into the training script.

    Attributes:
        name: the file, without ``.py``.
        when: the condition under which it does, a mark as on the lines of the parts; "": always.
    """

    name: str
    when: str = ""


class Bound(NamedTuple):
    """A setting that may be at most the value of a hyperparameter.

    Attributes:
        setting: the field of the recipe.
        value: its value.
        hyperparameter: the name of the hyperparameter.
    """

    setting: str
    value: int
    hyperparameter: str


class TrainingSettings(BaseModel):
    """The settings of the optimizer and its schedule, which all tasks share.

    Attributes:
        at_most: the settings that may be at most another one, by their names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
    at_most: ClassVar[Mapping[str, str]] = {"min_learning_rate": "learning_rate"}

    steps: Count = Field(1000, description="updates of the weights")
    batch_size: Length = Field(32, description="sequences per update")
    learning_rate: Rate = Field(2e-3, description="the highest, at the end of the warm-up")
    min_learning_rate: Annotated[float, Field(ge=0, le=1)] = Field(
        1e-4, description="the lowest, at the end of the cosine decay"
    )
    warmup_steps: Annotated[int, Field(ge=0, le=10**9)] = Field(
        50, description="steps of linear warm-up"
    )
    weight_decay: Annotated[float, Field(ge=0, le=10)] = Field(0.1, description="on matrices only")
    grad_clip: Annotated[float, Field(gt=0, le=1e6)] = Field(
        1.0, description="maximum norm of the gradient"
    )
    eval_every: Count = Field(100, description="steps from one evaluation to the next")
    validation_fraction: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.1, description="fraction of the data for validation"
    )
    seed: Annotated[int, Field(ge=0, lt=2**31)] = Field(
        0, description="of the random weights and batches"
    )

    @model_validator(mode="after")
    def _are_in_order(self) -> Self:
        for field, other in self.at_most.items():
            value, greatest = getattr(self, field), getattr(self, other)
            if value > greatest:
                raise ValueError(
                    f"{field}: expected at most {other}, {greatest:g}, got {value:g}. "
                    f"Lower it, or raise {other}."
                )
        return self


class Recipe(TrainingSettings):
    """Base of every task. A task gives ``kind`` and ``data`` defaults, and adds fields of its own.

    Patterns of shapes are written as those of ports are; a word that is a key of ``data_sizes``
    is the hyperparameter that the field names, and any other word a free size.

    Attributes:
        kind: the task, as files name it; a literal.
        data: the file that a model is trained on.
        rank: the position of the task in lists of tasks, the lowest first.
        data_sizes: the fields that name hyperparameters set to a size of the data, each with a
            typical value.
        bounded_by: the settings that a hyperparameter bounds, each with the field that names it.
        input_kind: what the data feeds to the model.
        input_node: the type of the input node for it.
        input_shape: the pattern of its shape; "" if any shape of that node fits.
        optional_inputs: the kinds of inputs that the script can derive from the data besides.
        token_size: the key of ``data_sizes`` that is the number of token ids; "" without tokens.
        output_shape: the pattern of the output that the loss takes.
        generates: the trained model extends a sequence step by step; its ``forward`` then takes
            and returns its keys and values or its hidden state where it can, and the script has
            the command ``sample`` instead of ``predict``.
        length: the setting that is the number of steps of a sequence; "" if there is none.
        padding_id: the token id that fills up sequences to one length; None if none does.
        script_parts: the parts of the training script, in order; empty if there is no script.
        script_variants: settings that select lines of the script instead of becoming options of
            it, each with the marks of the lines for true and false.
        script_summary: the docstring of the script, a format string of `SUMMARY_FIELDS`; required
            if there are parts.
    """

    kind: str
    data: File

    rank: ClassVar[int] = 100
    data_sizes: ClassVar[Mapping[str, int]] = {}
    bounded_by: ClassVar[Mapping[str, str]] = {}
    input_kind: ClassVar[Kind]
    input_node: ClassVar[str]
    input_shape: ClassVar[str] = ""
    optional_inputs: ClassVar[tuple[Kind, ...]] = ()
    token_size: ClassVar[str] = ""
    output_shape: ClassVar[str]
    generates: ClassVar[bool] = False
    length: ClassVar[str] = ""
    padding_id: ClassVar[int | None] = None
    script_parts: ClassVar[tuple[ScriptPart, ...]] = ()
    script_variants: ClassVar[Mapping[str, tuple[str, str]]] = {}
    script_summary: ClassVar[str] = ""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Require every declaration that has no default, and check those that name something.

        Raises:
            TypeError: a declaration is missing, or names what the task does not have.
            ValueError: a shape is not a pattern.
        """
        super().__pydantic_init_subclass__(**kwargs)
        required = ["input_kind", "input_node", "output_shape"]
        required += ["script_summary"] if cls.script_parts else []
        for declaration in required:
            if not getattr(cls, declaration, None):
                raise TypeError(f"{cls.__name__}: expected a declaration of {declaration}")
        if cls.token_size and cls.token_size not in cls.data_sizes:
            sizes = ", ".join(cls.data_sizes)
            raise TypeError(
                f"{cls.__name__}: expected token_size among {sizes}, got {cls.token_size}"
            )
        named = {*cls.data_sizes, *cls.script_variants, *([cls.length] if cls.length else [])}
        named |= {*cls.bounded_by.keys(), *cls.bounded_by.values()}
        if unknown := sorted(named - cls.model_fields.keys()):
            raise TypeError(f"{cls.__name__}: expected names of fields, got {', '.join(unknown)}")
        placeholders = {
            field[1] for field in Formatter().parse(cls.script_summary) if field[1] is not None
        }
        if unknown := sorted(placeholders - SUMMARY_FIELDS):
            expected = ", ".join(sorted(SUMMARY_FIELDS))
            raise TypeError(
                f"{cls.__name__}: expected fields {expected} in script_summary, got "
                f"{', '.join(unknown)}"
            )
        for text in (cls.input_shape, cls.output_shape):
            if parse_pattern(text).spread:
                raise TypeError(f"{cls.__name__}: expected a shape of fixed rank, got {text}")

    @model_validator(mode="after")
    def _hyperparameters_differ(self) -> Self:
        for field, other in combinations(self.hyperparameters, 2):
            if self.hyperparameters[field] == self.hyperparameters[other]:
                raise ValueError(
                    f"{other}: expected another hyperparameter than that of {field}, got "
                    f"{self.hyperparameters[field]} for both. Name another."
                )
        return self

    @property
    def title(self) -> str:
        """The name of the task in sentences."""
        return self.kind.replace("-", " ")

    @property
    def sizes(self) -> dict[str, str]:
        """The hyperparameters that are set to sizes of the data, by the field that names each."""
        return {field: getattr(self, field) for field in self.data_sizes}

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """The settings that are bounded by a hyperparameter."""
        return tuple(
            Bound(setting, getattr(self, setting), hyperparameter)
            for setting, field in self.bounded_by.items()
            if (hyperparameter := getattr(self, field)) is not None
        )

    @property
    def hyperparameters(self) -> dict[str, str]:
        """All hyperparameters that the model must have, by the field that names each."""
        bounding = {field: getattr(self, field) for field in self.bounded_by.values()}
        return {**self.sizes, **{field: name for field, name in bounding.items() if name}}

    @property
    def overview(self) -> tuple[str, ...]:
        """Lines that say how the model is trained."""
        return (
            f"trained for {self.title} on {self.data}",
            f"{self.steps:,} steps of {self.batch_size:,} sequences",
            f"learning rate {self.learning_rate:g}, weight decay {self.weight_decay:g}",
        )

    def shape(self, text: str) -> Shape:
        """Replace the words of a declared pattern by sizes."""
        words = {word: free(word) for word in parse_pattern(text).words}
        known = {field: hyper(name) for field, name in self.sizes.items()}
        return Bindings({**words, **known}, {}).fill(parse_pattern(text))
