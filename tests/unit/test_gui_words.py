"""The pages' decisions and words, without a window."""

from __future__ import annotations

import pytest

from musicdesk.catalog.browse import Query
from musicdesk.catalog.roots import Root
from musicdesk.core.genres import same_spelling
from musicdesk.core.settings import Settings
from musicdesk.core.types import Analysis, Playlist, Presence, Reason, RootId, Tags, Track, TrackId, Verdict
from musicdesk.evaluation.hidden import COMPETING
from musicdesk.gui import words
from musicdesk.gui.pages import discover_state, library_state, models_state, settings_state

NOW = 1_700_000_000.0


def track(number: int = 1, **values: object) -> Track:
    return Track(TrackId(number), b"/m/a.flac", Tags(title="Song", artist="Ann"), **values)  # type: ignore[arg-type]


def test_numbers_in_words() -> None:
    assert words.count(1, "track") == "1 track" and words.count(1204, "track") == "1,204 tracks"
    assert [words.length(s) for s in (None, 0, 5, 252, 3723)] == ["–", "–", "0:05", "4:12", "1:02:03"]
    assert [words.long_length(s) for s in (40, 720, 10_260)] == ["40 s", "12 min", "2 h 51 min"]
    assert words.eta(660) == "11 min left" and words.eta(None) == "" and words.eta(3) == "about 5 s left"
    assert words.rate(640 / 60) == "640/min" and words.rate(None) == "" and words.rate(5000) == "5,000/s"
    assert words.size(3_400_000) == "3.4 MB" and words.size(12) == "12 bytes"


def test_names_that_are_cut_end_in_one_ellipsis() -> None:
    long = Track(TrackId(1), b"/m/a.flac", Tags(title="Song", artist="An Orchestra With A Very Long Name " * 3))
    said = discover_state.FROM_SEED["radio"].sentence(long)
    assert said.endswith("…") and "…." not in said and len(said) < 90


def test_moments_in_words() -> None:
    assert words.when(NOW, NOW).startswith("today ")
    assert words.when(NOW - 86_400, NOW).startswith("yesterday ")
    assert ":" not in words.when(NOW - 40 * 86_400, NOW)


def test_the_status_names_what_matters_most() -> None:
    assert words.status(track(analysis=Analysis.DONE)) == ""
    assert words.status(track(analysis=Analysis.FAILED)) == "Could not be read"
    assert words.status(track(presence=Presence.OFFLINE, analysis=Analysis.FAILED)) == "Offline"
    assert words.status(track(analysis=Analysis.DONE, excluded="genre Speech")) == "Not in playlists"
    assert words.status(track()) == "Not heard yet"


def test_library_counts_and_filters() -> None:
    state = library_state.LibraryState().search("abc").filter("genre", "Jazz").sort("length", True)
    assert state.query == Query("abc", "duration", True, genre="Jazz")
    assert state.filtered and not state.cleared().filtered and state.cleared().query.order == "duration"
    assert state.sorted_column == "length"
    assert state.sort("status", False) == state, "the status cannot be sorted by"
    assert library_state.LibraryState().filter("status", "failed").columns[2] == "reason"
    assert library_state.counts_line(12, 1204, True) == "12 of 1,204 tracks"
    assert library_state.failed_line(3) == "3 could not be read" and library_state.failed_line(0) == ""
    assert library_state.counts_line(12, 1204, True, ranked=True) == "12 of 1,204 tracks · the likeliest first"
    assert "abc" in library_state.nothing_found(Query("abc"))[0]
    assert "Liked" in library_state.nothing_found(Query(status="liked"))[1]


@pytest.mark.parametrize(
    ("tracks", "vectors", "likes", "plays", "wanted"),
    [(0, 0, 0, 0, "welcome"), (5, 0, 1, 0, "listen"), (5, 5, 0, 0, "pick"), (5, 5, 1, 0, "home"), (5, 5, 0, 2, "home")],
)
def test_discover_shows_what_can_be_done(tracks: int, vectors: int, likes: int, plays: int, wanted: str) -> None:
    assert discover_state.stage(tracks, vectors, {"like": likes, "plays": plays}) == wanted


def test_what_was_played_or_liked_elsewhere_is_something_to_go_by() -> None:
    nothing = {"like": 0, "plays": 0, "imported_plays": 0, "imported_likes": 0}
    assert discover_state.stage(9, 9, nothing) == "pick"
    assert discover_state.stage(9, 9, {**nothing, "imported_plays": 1}) == "home"
    assert discover_state.stage(9, 9, {**nothing, "imported_likes": 1}) == "home"
    assert "1,200 plays" in discover_state.home_line({**nothing, "plays": 200, "imported_plays": 1_000}, 9)


def test_discover_tells_what_a_list_is_made_of() -> None:
    feedback = {"like": 12, "plays": 1}
    made = Playlist(None, "For you", "for-you")
    nothing = {"like": 0, "plays": 0}
    assert discover_state.playlist_line([track()], made, nothing).endswith("0 s"), "because of nothing is not said"
    assert discover_state.playlist_line([track(), track()], made, feedback) == (
        "2 tracks · 0 s · because of 12 likes and 1 play"
    )
    assert discover_state.picks_line(1) == "1 of 3 picked · 2 more to go"
    assert discover_state.file_name("a/b: c") == "a b c" and discover_state.file_name("//") == "playlist"
    words_of = [discover_state.adventure_words(x) for x in (0.0, 0.3, 1.0)]
    assert words_of == ["Close to what you know", "Mostly familiar", "Far afield"]


def test_a_question_says_what_it_stands_for() -> None:
    assert discover_state.stands_for(0.124) == "stands for 12 % of your music"
    assert discover_state.stands_for(0.001) == "stands for 1 % of your music"


def test_spellings_of_a_genre_are_one() -> None:
    assert same_spelling(["Jazz", "JAZZ", "Jazz", "rock"]) == ["Jazz", "Jazz", "Jazz", "rock"]


def test_recall_of_runs_in_which_hidden_tracks_did_not_compete_is_not_told() -> None:
    figures = {"auc": 0.8, "auc_interval": [0.7, 0.9], "recall@20": 0.9, "recall@20_interval": [0.8, 1.0]}
    assert models_state.named_figures(figures) == ["auc"]
    assert models_state.named_figures({**figures, "listeners": 40}) == ["recall@20", "auc"]
    assert models_state.named_figures({**figures, **COMPETING}) == ["recall@20", "auc"]


def test_settings_read_what_was_typed() -> None:
    rules = settings_state.Rules("audiobook, , podcast, audiobook", 45, 15)
    assert rules.values() == {
        "exclude_words": ("audiobook", "podcast"),
        "exclude_shorter_s": 45.0,
        "exclude_longer_s": 900.0,
    }
    assert settings_state.Rules.of(Settings()).longer_min == 15
    root = Root(RootId(1), b"/m", True, NOW - 90_000)
    assert settings_state.root_line(root, NOW) == "Connected · looked at yesterday"
    assert "kept" in settings_state.root_line(Root(RootId(1), b"/m", False, NOW), NOW)
    assert "not known where" in settings_state.root_line(Root(RootId(1), b"music", True, NOW), NOW)
    assert "1,200 tracks" in settings_state.removal_text(root, 1200)
    both = settings_state.removal_text(root, 1200, 300)
    assert "of its 1,200 tracks" in both and "300 tracks lie in another" in both
    assert "ratings" not in settings_state.removal_text(root, 0, 300)


def test_why_tells_reasons_and_states() -> None:
    from musicdesk.gui.why import account

    told = account(track(verdict=Verdict.LIKE, plays=3, excluded="shorter than 45 s"), (Reason("near “A”", 0.7),), "")
    assert told.reasons[0].share == 0.7
    assert told.states == (
        "It has not been listened to yet, so it cannot be recommended.",
        "It is kept out of playlists: shorter than 45 s.",
        "You liked it.",
        "Played 3 times.",
    )
    failed = account(track(analysis=Analysis.FAILED), (), "The file holds only silence.")
    assert failed.states == ("It could not be read: The file holds only silence.",)


def test_the_ladder_is_one_line_of_sentences() -> None:
    from musicdesk.gui.pages.models_state import ladder_line

    assert ladder_line({"name": "full", "sentence": "All of it.", "lift": ""}) == "All of it."
    assert ladder_line({"name": "content", "sentence": "Some.", "lift": "Train."}) == "Some. Train."
    assert ladder_line({}) == ""


@pytest.mark.parametrize(
    ("text", "words", "sounds"),
    [
        ("blue", "blue", ()),
        ("sounds:piano", "", ("piano",)),
        ('blue Sounds:"no voice" moon', "blue moon", ("no voice",)),
        ("sound:piano sounds: calm", "", ("piano", "calm")),
        ("blue sounds:", "blue", ()),
        ('sounds:""', "", ()),
        ('sounds:"no vo', "", ("no vo",)),
        ("resounds:piano", "resounds:piano", ()),
    ],
)
def test_tags_are_told_from_words_as_they_are_typed(text: str, words: str, sounds: tuple[str, ...]) -> None:
    found, tags = library_state.parted(text)
    assert (" ".join(found.split()), tags) == (words, sounds)


def test_a_chosen_tag_takes_the_place_of_those_that_were_typed() -> None:
    assert library_state.sounding("blue sounds:piano moon", "no voice") == 'blue moon sounds:"no voice"'
    assert library_state.sounding("blue sounds:piano", "") == "blue"
    state = library_state.LibraryState().search("sounds:piano")
    assert state.ranked and state.filtered and state.sorted_column == ""
    assert not state.sort("title", False).ranked and state.sort("title", False).sounds == ("piano",)
    assert not state.sort("title", False).search("sounds:piano blue").ranked, "sorted as the person asked"
    assert not state.cleared().sounds
