"""The ladder: how much is known of one listener, and so which knowledge recommends; said in words, with the next step.

Each rung uses all below it. What is thin is not asked: of few songs that a crowd knows a fold-in says little, and
a bridge from sound that does no better than chance says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

FULL, ARTISTS, CONTENT, QUESTIONS, OTHER = "full", "artists", "content", "questions", "other"
FULL_SONGS, ARTIST_SONGS = 20, 5


@dataclass(frozen=True)
class Rung:
    """name: full, artists, content or questions, or other where no blend recommends
    sentence: what recommends now, and why
    lift: what would lift it, '' at the top; command: how that is said on the command line, '' where it is not one
    """

    name: str
    sentence: str
    lift: str
    command: str = ""


@dataclass(frozen=True)
class Known:
    """What the ladder asks.

    heard:   tracks that are liked or played and have been listened to
    crowd:   name of the crowd that was learned from, '' for none
    songs:   of the crowd's songs, those that the listener has played or likes
    artists: of the crowd's artists, those that the listener has played or likes
    r2:      of the bridge from sound to the crowd's factors, cross-validated; None where none could be built
    control: the best r2 of the same on permuted sound
    trained: whether the model in use has learned from the crowd
    model:   the model in use where that is not the blend, '' for the blend
    """

    heard: int
    crowd: str = ""
    songs: int = 0
    artists: int = 0
    r2: float | None = None
    control: float = 0.0
    trained: bool = False
    model: str = ""


def rung(known: Known) -> Rung:
    """Where a listener stands."""
    if not known.heard:
        return Rung(
            QUESTIONS,
            "Nothing is liked or played yet, so ten questions over the whole library come first.",
            "Like or dislike the tracks that are asked about, play something, or import what you played elsewhere.",
        )
    if known.model:
        learned = f", learned from the crowd '{known.crowd}'," if known.crowd else ""
        return Rung(OTHER, f"The model '{known.model}'{learned} recommends.", "")
    if not known.crowd:
        return Rung(
            CONTENT,
            f"What you like and play ({_count(known.heard, 'track')}) is known by its sound and its artists only.",
            "Import what many people play, a crowd, and let the model learn from it.",
            "musicdesk import --crowd NAME PATH; musicdesk train blend",
        )
    named = f"the crowd '{known.crowd}'"
    if not known.trained:
        return Rung(
            CONTENT,
            f"Sound and artists recommend; nothing has been learned from {named} yet.",
            "Let the model learn from it.",
            "musicdesk train blend",
        )
    bridged = known.r2 is not None and known.r2 > max(known.control, 0.0)
    if known.songs >= FULL_SONGS and bridged:
        return Rung(
            FULL,
            f"{_count(known.songs, 'song')} that you play {_are(known.songs)} known to {named}, and sound tells"
            f" {known.r2:.0%} of its taste: plays, artists and sound recommend together.",
            "",
        )
    return _below(known, named, bridged)


def _below(known: Known, named: str, bridged: bool) -> Rung:
    missing = FULL_SONGS - known.songs
    if missing > 0:
        lift = (
            f"{_count(missing, 'more song')} of {named} among what you play or like; import what you played elsewhere."
        )
    elif known.r2 is None:
        lift = f"More tracks of the library that {named} knows: the bridge from sound needs them."
    else:
        lift = f"Sound does not tell the taste of {named} yet ({known.r2:.2f} against {known.control:.2f} by chance)."
    if known.songs >= ARTIST_SONGS or known.artists >= ARTIST_SONGS:
        what = f"{_count(known.songs, 'song')} and {_count(known.artists, 'artist')}"
        return Rung(ARTISTS, f"Of what you play {named} knows {what}: artists and sound recommend.", lift)
    needed = ARTIST_SONGS - known.songs
    return Rung(
        CONTENT,
        f"Of what you play {named} knows {_count(known.songs, 'song')}: sound and your own artists recommend.",
        f"{_count(needed, 'more song')} of {named} among what you play or like; import what you played elsewhere.",
    )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
