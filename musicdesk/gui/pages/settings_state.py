"""What the Settings page says and how it reads what was typed. No Qt."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from musicdesk.catalog.roots import Root
from musicdesk.core.paths import shown
from musicdesk.core.settings import Settings

DEVICES = (
    ("auto", "Automatic"),
    ("cpu", "Processor"),
    ("cuda", "Graphics card (CUDA)"),
    ("mps", "Apple graphics (MPS)"),
)
THEMES = (("system", "As the system"), ("dark", "Dark"), ("light", "Light"))
METHODS = (
    ("neighbours", "Neighbours (truest)"),
    ("umap", "UMAP"),
    ("autoencoder", "Autoencoder"),
    ("autoencoder-embedding", "Autoencoder, embedding alone"),
    ("autoencoder-descriptors", "Autoencoder, measures alone"),
    ("pca", "PCA (fastest)"),
)
DAY_S = 86_400


@dataclass(frozen=True)
class Rules:
    """What is kept out of playlists, as the form shows it."""

    words: str  # separated by commas
    shorter_s: int
    longer_min: int

    @classmethod
    def of(cls, settings: Settings) -> Rules:
        return cls(
            ", ".join(settings.exclude_words), round(settings.exclude_shorter_s), round(settings.exclude_longer_s / 60)
        )

    def values(self) -> dict[str, object]:
        """Fields of Settings."""
        words = tuple(dict.fromkeys(word.strip() for word in self.words.split(",") if word.strip()))
        return {
            "exclude_words": words,
            "exclude_shorter_s": float(self.shorter_s),
            "exclude_longer_s": float(self.longer_min * 60),
        }


def root_line(root: Root, now: float | None = None) -> str:
    """'Here · looked at today' or 'Not connected; its tracks are kept'."""
    if not os.path.isabs(root.path):  # as earlier versions kept what was typed
        return "It is not known where this lies · add the folder once more, and its tracks keep all that is known"
    if not root.online:
        return "Not connected now · its tracks and ratings are kept"
    if root.scanned_at is None:
        return "Not looked at yet"
    days = int(((time.time() if now is None else now) - root.scanned_at) // DAY_S)
    when = "today" if days < 1 else "yesterday" if days == 1 else f"{days:,} days ago"
    return f"Connected · looked at {when}"


def removal_text(root: Root, going: int, staying: int = 0) -> str:
    """What forgetting a folder loses; tracks that lie in another folder as well stay."""
    lost = f" and what it knows of its {going:,} tracks: ratings, plays and embeddings" if going or not staying else ""
    kept = f" {staying:,} tracks lie in another of your folders as well and keep all that is known." if staying else ""
    return f"musicdesk forgets the folder {shown(root.path)}{lost}.{kept} The music files stay where they are."


def default_backup_name(now: float | None = None) -> str:
    return time.strftime("musicdesk-%Y-%m-%d.sqlite", time.localtime(now))
