"""Remedies that edit what belongs to a whole model: its hyperparameters and its recipe."""

from dataclasses import dataclass, replace

from nodes.core.graphs.graph import Hyperparameter, Model


@dataclass(frozen=True, slots=True)
class SetHyperparameter:
    """Add a hyperparameter, or set its value."""

    name: str
    value: int | float | bool | str

    @property
    def title(self) -> str:
        """Such as "Set the hyperparameter d_model to 128"."""
        return f"Set the hyperparameter {self.name} to {self.value}"

    def apply(self, model: Model) -> Model:
        """Set the value and keep the documentation."""
        before = model.hyperparameters.get(self.name)
        after = Hyperparameter(self.value, before.doc if before else "")
        changed = {**model.hyperparameters, self.name: after}
        return replace(model, hyperparameters=changed)


@dataclass(frozen=True, slots=True)
class RemoveHyperparameter:
    """Remove a hyperparameter."""

    name: str

    @property
    def title(self) -> str:
        """Such as "Remove the hyperparameter d_model"."""
        return f"Remove the hyperparameter {self.name}"

    def apply(self, model: Model) -> Model:
        """Remove the hyperparameter."""
        others = {key: value for key, value in model.hyperparameters.items() if key != self.name}
        return replace(model, hyperparameters=others)


@dataclass(frozen=True, slots=True)
class SetRecipe:
    """Set a field of the training recipe."""

    field: str
    value: object

    @property
    def title(self) -> str:
        """Such as "Set vocabulary of the recipe to vocab_size"."""
        return f"Set {self.field} of the recipe to {self.value}"

    def apply(self, model: Model) -> Model:
        """Validate and replace the recipe."""
        if model.recipe is None:
            raise KeyError(self.field)
        changed = type(model.recipe).model_validate({**dict(model.recipe), self.field: self.value})
        return replace(model, recipe=changed)
