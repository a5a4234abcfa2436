"""What the card of duels says, without Qt."""

from __future__ import annotations

from collections.abc import Sequence

from musicdesk.gui import words
from musicdesk.workflows.duel import Told

COLUMNS = ("How it ended", "Decisions", "p")


def begun(told: Sequence[Told]) -> Told | None:
    return next((duel for duel in told if duel.state == "running"), None)


def note(told: Sequence[Told]) -> str:
    """'12 of 90 decisions', 'content beats popularity', or that there was none."""
    running = begun(told)
    if running is not None:
        return f"{running.decisions} of {running.horizon} decisions"
    over = next((duel for duel in told if duel.state == "finished"), None)
    if over is None:
        return "No duel yet"
    if not over.winner:
        return "No difference found"
    return f"Won by {over.a if over.winner == 'a' else over.b}"


def ended(duel: Told) -> tuple[str, str, str]:
    """The row of a duel that is over."""
    p = words.DASH if duel.p is None or duel.state == "stopped" else f"{duel.p:.3f}"
    return duel.sentence, f"{duel.decisions} of {duel.horizon}", p


def both(models: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The two that a duel is offered between: the newest run, and the first that is another."""
    names = [name for name, _text in models]
    return (names[0], names[min(1, len(names) - 1)]) if names else ("", "")
