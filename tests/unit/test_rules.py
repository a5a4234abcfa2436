"""What is never mixed into playlists."""

from __future__ import annotations

import pytest

from musicdesk.core.settings import Settings
from musicdesk.core.types import Tags
from musicdesk.library.rules import Rules, excluded

DEFAULT = Rules(Settings().exclude_words, Settings().exclude_shorter_s, Settings().exclude_longer_s)


def why(tags: Tags, path: bytes = b"Ann/Songs/a.mp3", duration_s: float | None = 200.0, rules: Rules = DEFAULT) -> str:
    return excluded(tags, path, duration_s, rules)


@pytest.mark.parametrize(
    "genre",
    ["Audiobook", "audio-book", "Podcast", "Comedy", "Spoken Word", "Hörbuch", "Rock; Comedy", "Speech", "Hörspiel"],
)
def test_spoken_genres(genre: str) -> None:
    assert why(Tags(genre=genre)).startswith("genre")


@pytest.mark.parametrize("genre", ["Rock", "Comedy Rock", "Interviewed", "", "Speechless; Pop"])
def test_other_genres_are_music(genre: str) -> None:
    assert why(Tags(genre=genre)) == ""


def test_words_in_tags_and_path() -> None:
    assert why(Tags(title="Last Christmas")) == "the word 'christmas'"
    assert why(Tags(album="Weihnachtslieder")) == "the word 'weihnacht'"
    assert why(Tags(), path=b"Podcasts/a.mp3") == "the word 'podcast'"
    assert why(Tags(), path=b"my_audiobooks/a.mp3") == "the word 'audiobook'"
    assert why(Tags(album="HÖRBUCH 3")) == "the word 'hörbuch'"
    assert why(Tags(title="Antichristmas")) == ""
    assert why(Tags(artist="Podcast")) == ""


def test_lengths() -> None:
    assert why(Tags(), duration_s=44.9) == "shorter than 45 s"
    assert why(Tags(), duration_s=45.0) == ""
    assert why(Tags(), duration_s=900.0) == ""
    assert why(Tags(), duration_s=901.0) == "longer than 15 min"
    assert why(Tags(), duration_s=None) == ""


def test_rules_can_be_switched_off() -> None:
    none = Rules((), 0.0, 0.0)
    assert why(Tags(title="Last Christmas"), duration_s=3.0, rules=none) == ""
    assert why(Tags(title="Last Christmas"), duration_s=3000.0, rules=none) == ""
    assert why(Tags(title="a (b"), rules=Rules(("(b",))) == ""  # a sign is no beginning of a word
    assert why(Tags(title="anything"), rules=Rules(("", " "))) == ""
