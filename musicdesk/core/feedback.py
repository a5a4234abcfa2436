"""What a person can say of a track: a verdict, where it holds, and stars for those who like to count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from musicdesk.core.errors import Unusable
from musicdesk.core.types import Verdict

MOST_STARS = 5
# Weight of a verdict by its stars, as a share of one without: 5 and 4 like, 2 and 1 dislike, 3 is neither.
STAR_WEIGHT = {5: 1.0, 4: 0.6, 2: 0.6, 1: 1.0}


class Reach(StrEnum):
    EVERYWHERE = "everywhere"  # a judgement of taste: models learn from it
    NOW = "now"  # the track rests for some days; nothing is learned from it
    KIND = "kind"  # in all lists of one kind
    LIST = "list"  # in lists of one name, such as one mix or one genre


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a verdict holds. As text: everywhere, now, kind:for-you, list:Genre: Jazz."""

    reach: Reach = Reach.EVERYWHERE
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> Scope:
        """Raises Unusable, naming what there is."""
        word, _, name = text.partition(":")
        wants_name = word in (Reach.KIND, Reach.LIST)
        if word not in list(Reach) or wants_name != bool(name):
            raise Unusable(f"'{text}' is no scope; there are: everywhere, now, kind:KIND and list:NAME.")
        return cls(Reach(word), name)

    def __str__(self) -> str:
        return f"{self.reach}:{self.name}" if self.name else str(self.reach)


EVERYWHERE = Scope()
NOW = Scope(Reach.NOW)


@dataclass(frozen=True, slots=True)
class Saying:
    """stars: 0..5 where the person gave stars; the verdict then follows from them, see `of_stars`.

    Raises Unusable for what makes no sense: only dislikes and their taking back can hold in a part.
    """

    verdict: Verdict
    scope: Scope = EVERYWHERE
    stars: int | None = None

    def __post_init__(self) -> None:
        if self.scope != EVERYWHERE and (self.verdict in (Verdict.LIKE, Verdict.NEVER) or self.stars is not None):
            what = "stars" if self.stars is not None else "a like" if self.verdict is Verdict.LIKE else "'never'"
            raise Unusable(f"There is no scope for {what}; it counts everywhere. A dislike can have one.")


def of_stars(stars: int) -> Saying:
    """Raises Unusable outside of 0..5. No star takes the rating back; three say that it is neither."""
    if not 0 <= stars <= MOST_STARS:
        raise Unusable(f"There are 0 to {MOST_STARS} stars.")
    verdict = Verdict.LIKE if stars >= 4 else Verdict.DISLIKE if stars in (1, 2) else Verdict.CLEAR
    return Saying(verdict, EVERYWHERE, stars)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What holds of one track after all that was said of it.

    verdict: everywhere; stars: 1..5 where they were given; scoped: where it is kept out besides, and since when
    """

    verdict: Verdict | None = None
    stars: int | None = None
    scoped: Mapping[Scope, float] = field(default_factory=dict)

    def after(self, said: Saying, at: float) -> Opinion:
        """`at`: epoch seconds. A plain 'clear' forgets everything that was said, in all scopes."""
        if said.scope != EVERYWHERE:
            others = {scope: since for scope, since in self.scoped.items() if scope != said.scope}
            kept_out = {said.scope: at} if said.verdict is Verdict.DISLIKE else {}
            return replace(self, scoped={**others, **kept_out})
        if said.verdict is Verdict.CLEAR:
            return replace(self, verdict=None, stars=said.stars) if said.stars else Opinion()
        return replace(self, verdict=said.verdict, stars=said.stars)

    @property
    def weight(self) -> float:
        """Of the verdict, above 0."""
        return STAR_WEIGHT.get(self.stars or 0, 1.0)
