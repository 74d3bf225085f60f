"""The exact divisions inside a size."""

from functools import lru_cache

from nodes.core.shapes import polynomial
from nodes.core.shapes.dim import AnyDim, Floor, fractions, spell


@lru_cache(maxsize=4096)
def quotients(dim: AnyDim) -> tuple[tuple[AnyDim, AnyDim], ...]:
    """Return numerator and denominator of every exact division, inner ones first."""
    if isinstance(dim, int):
        return ()
    floors = [atom for atom in polynomial.atoms(dim.terms) if isinstance(atom, Floor)]
    found = {pair for floor in floors for part in floor for pair in quotients(part)}
    found.update(pair for pair in fractions(dim) if pair[1] != 1)
    spelled = {" // ".join(map(spell, pair)): pair for pair in found}
    return tuple(spelled[text] for text in sorted(spelled, key=lambda text: (len(text), text)))
