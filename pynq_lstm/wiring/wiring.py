"""What every LSTM of a network reads."""

from dataclasses import dataclass
from functools import cached_property
from typing import Optional, Tuple

from pynq_lstm.errors import NetworkError
from pynq_lstm.wiring import given, names, order
from pynq_lstm.wiring.expression import Expression


@dataclass(frozen=True)
class Wiring:
    """The source of every model of a network; a model is one nn.LSTM with all its layers.

    Attributes
    ----------
    names : tuple of str
        Of the models.
    sources : tuple of Expression
        One for each model; texts are parsed.
    head : tuple of str, optional
        The models whose h the head reads, in its order. Default: those that no other reads.

    Raises
    ------
    NetworkError
        Unknown names, cycles, rates that clash, external inputs that nobody reads.
    """

    names: Tuple[str, ...]
    sources: Tuple[Expression, ...]
    head: Optional[Tuple[str, ...]] = None

    def __post_init__(self):
        object.__setattr__(self, "names", tuple(self.names))
        sources = (Expression.parse(s) if isinstance(s, str) else s for s in self.sources)
        object.__setattr__(self, "sources", tuple(sources))
        names.check(self.names)
        if not all(isinstance(source, Expression) for source in self.sources):
            raise NetworkError("sources", self.sources, "not expressions", "pass texts")
        if len(self.sources) != len(self.names):
            raise NetworkError(
                "wiring",
                len(self.sources),
                f"entries for {len(self.names)} models",
                "give each model one expression",
            )
        order.check_names(self)
        head = self._unread if self.head is None else tuple(self.head)
        for name in head:
            if name not in self.names:
                raise NetworkError(
                    "wiring['head']", name, "no model", f"choose from {list(self.names)}"
                )
        object.__setattr__(self, "head", head)
        _ = self.rates  # sorts the models too: both refuse what cannot run

    @classmethod
    def of(cls, wiring, models):
        """Take what a user gives.

        Parameters
        ----------
        wiring : None, str, sequence of str, dict of str to str, or Wiring
            A text is that of a single model. A sequence has one for each model. A dict has
            those of the models that it names and, under "head", the models that the head
            reads. Model j that is not named takes external input j.
        models : sequence of str
            Their names.

        Raises
        ------
        NetworkError
        """
        return wiring if isinstance(wiring, cls) else given.wiring(cls, wiring, tuple(models))

    @cached_property
    def inputs(self):
        """How many external inputs there are."""
        found = {names.external_index(t.source) for s in self.sources for t in s.terms}
        return len(found - {None})

    @cached_property
    def order(self):
        """Indices of the models, each after those that it reads."""
        return order.topological(self)

    @cached_property
    def rates(self):
        """Every how many steps of the external inputs a model runs; None: once a sequence."""
        return order.rates(self)

    @cached_property
    def side_by_side(self):
        """Whether model j takes external input j, and nothing else, and the head reads all."""
        plain = all(
            [(t.source, t.every, t.last) for t in s.terms] == [(names.external(j), 1, False)]
            for j, s in enumerate(self.sources)
        )
        return plain and self.head == self.names

    def to_dict(self):
        """What `of` takes: texts by name, and "head" where it is not the default."""
        texts = {name: str(source) for name, source in zip(self.names, self.sources)}
        if self.head != self._unread:
            texts[names.HEAD] = ", ".join(self.head)
        return texts

    def __str__(self):
        return "\n".join(f"{name} = {text}" for name, text in self.to_dict().items())

    @property
    def _unread(self):
        read = {t.source for s in self.sources for t in s.terms}
        return tuple(name for name in self.names if name not in read)
