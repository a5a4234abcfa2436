"""Genres as people write them: lists taken apart, spellings made one, jokes that stand alone dropped."""

from __future__ import annotations

import pytest

from musicdesk.core.genres import cleaned, frequent, same_spelling, spelling, split


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hip-Hop", "hip hop"),
        ("HIPHOP", "Hip Hop"),
        ("Drum & Bass", "dnb"),
        ("Électronica", "electronic"),
        ("R&B", "rnb"),
    ],
)
def test_spellings_of_one_genre(one: str, other: str):
    assert spelling(one) == spelling(other) != ""


@pytest.mark.parametrize(("one", "other"), [("Rock", "Pop"), ("House", "Tech House"), ("Electro", "Electronic")])
def test_genres_that_are_two(one: str, other: str):
    assert spelling(one) != spelling(other)


def test_lists_are_taken_apart_and_words_that_say_nothing_dropped():
    assert split("Horror, Soundscape / Dark;") == ["Horror", "Soundscape", "Dark"]
    found = cleaned({1: "Jazz/jazz", 2: "JAZZ; Rock", 3: "Other", 4: "Unknown", 5: "", 6: "Jazz", 7: "x" * 60})
    assert found == {1: ("Jazz",), 2: ("Jazz", "Rock"), 6: ("Jazz",)}


def test_the_map_still_shows_what_is_not_known():
    assert same_spelling(["Unknown", "unknown", "Unknown", "!!!"]) == ["Unknown", "Unknown", "Unknown", "!!!"]


def test_rare_genres_and_those_of_one_artist_are_left_out():
    genres = dict.fromkeys(range(5), ("Rock",)) | dict.fromkeys(range(5, 10), ("Polka",)) | {10: ("Joke",)}
    artists = {n: f"artist {n}" for n in range(5)} | dict.fromkeys(range(5, 10), "the one")
    assert frequent(genres, artists, 3) == ["Polka", "Rock"]
    assert frequent(genres, artists, 3, least_groups=2) == ["Rock"]
