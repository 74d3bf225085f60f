"""Parameters that are sizes, with the texts that they were written as.

Equal sizes are one object, which has no memory of how it was written; the node has.
"""

from typing import Any, ClassVar, Self

from pydantic import BaseModel, ModelWrapValidatorHandler, PrivateAttr, model_validator

from nodes.core.shapes.dim import Dim, show
from nodes.core.shapes.expression import parse


class SizeTexts(BaseModel):
    """Base of settings whose sizes are expressions that a user writes."""

    size_fields: ClassVar[tuple[str, ...]] = ()
    """The parameters that hold sizes."""

    _texts: dict[str, str] | None = PrivateAttr(default=None)

    @model_validator(mode="wrap")
    @classmethod
    def _keep_texts(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        made = handler(data)
        if type(data) is dict:
            for key in cls.size_fields:
                if type(text := data.get(key)) is str and isinstance(getattr(made, key), Dim):
                    made._texts = {**(made._texts or {}), key: text.strip()}
        return made

    def __eq__(self, other: object) -> bool:
        """Compare the parameters, and how their sizes are written."""
        if type(self) is not type(other) or not isinstance(other, SizeTexts):
            return False
        same = self.__dict__ == other.__dict__
        return same and (
            self._texts == other._texts
            or all(self.text_of(key) == other.text_of(key) for key in self.size_fields)
        )

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    def text_of(self, key: str) -> str | None:
        """Return the text of a size, None of any other parameter."""
        value = self.__dict__.get(key)
        if not isinstance(value, Dim):
            return None
        text = self._texts.get(key) if self._texts else None
        return text if text is not None and parse(text) is value else show(value)

    def as_written(self) -> dict[str, Any]:
        """Return the parameters, with texts for the sizes that were written as such."""
        return self.__dict__ | self.size_texts()

    def size_texts(self) -> dict[str, str]:
        """Return the texts of the sizes that were written as texts."""
        known = (self.__pydantic_private__ or {}).get("_texts")
        if not known:
            return {}
        texts = {key: self.text_of(key) for key in known}
        return {key: text for key, text in texts.items() if text is not None}
