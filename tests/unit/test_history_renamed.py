"""Songs and artists that Spotify has renamed: plays told by both names are one."""

from __future__ import annotations

import itertools
import json

import pytest

from musicdesk.workflows.desk import open_desk
from tests.helpers.histories import account, put, take
from tests.unit.test_history_once import called, in_minutes

RENAMES = {
    "artist": (("Kanye West", "Stronger", "x"), ("Ye", "Stronger", "x")),
    "artist and address": (("Kanye West", "Stronger", "x"), ("Ye", "Stronger", "y")),
    "remaster": (("Band", "Song", "x"), ("Band", "Song - 2011 Remaster", "y")),
}


@pytest.mark.parametrize("name", RENAMES)
def test_what_spotify_has_renamed_since_is_one_play(tmp_path, name):
    before, after = (
        put(tmp_path, f"{n}.json", [called(*names), called(*names, ts="2022-03-04T06:06:07Z")])
        for n, names in enumerate(RENAMES[name])
    )
    minutes = put(tmp_path, "StreamingHistory0.json", in_minutes(json.loads(after.read_text())))
    digests = set()
    with open_desk(tmp_path / "p") as desk:
        assert [take(desk, path).imported for path in (before, after, before)] == [2, 0, 0]
    for n, order in enumerate(itertools.permutations([before, after, minutes])):
        with open_desk(tmp_path / f"p{n}") as desk:
            assert sum(take(desk, path).imported for path in order) >= 2
            assert desk.catalog.listens.count()["listens"] == 2
            digests.add(desk.catalog.listens.digest())
            for source in desk.catalog.listens.sources():
                if source.name == before.name:
                    desk.catalog.listens.forget(source.id)
            assert desk.catalog.listens.count()["listens"] == 2
    assert len(digests) == 1


def test_what_was_renamed_between_both_kinds_of_export_is_one_play(tmp_path):
    """The account data of one year and the extended export of the next."""
    before, after = ([called(*names), called(*names, ts="2022-03-04T06:06:07Z")] for names in RENAMES["artist"])
    exports = {
        "old minutes": put(tmp_path, "StreamingHistory0.json", in_minutes(before)),
        "new minutes": put(tmp_path, "StreamingHistory1.json", in_minutes(after)),
        "old": put(tmp_path, "endsong_0.json", before),
        "new": put(tmp_path, "endsong_1.json", after),
    }
    chosen = (("old minutes", "new"), ("new minutes", "old"), ("old minutes", "new minutes", "new"), tuple(exports))
    for n, names in enumerate(chosen):
        digests = set()
        for m, order in enumerate(itertools.permutations(names)):
            with open_desk(tmp_path / f"p{n}-{m}") as desk:
                assert sum(take(desk, exports[each]).imported for each in order) == 2
                assert desk.catalog.listens.count()["listens"] == 2
                digests.add(desk.catalog.listens.digest())
        assert len(digests) == 1


def test_two_songs_of_one_name_and_minute_stay_two(tmp_path):
    """Of which one was played a little longer, or both so short that they may well agree."""
    exact = [called("Band", "Song", "x"), called("Band", "Song", "x", ms_played=1_500)]
    minutes = [account(artistName="Else", trackName="Song", msPlayed=ms) for ms in (180_001, 1_500)]
    with open_desk(tmp_path / "p") as desk:
        take(desk, put(tmp_path, "endsong_0.json", exact))
        assert take(desk, put(tmp_path, "StreamingHistory0.json", minutes)).imported == 2


def test_two_songs_of_one_moment_stay_two(tmp_path):
    others = [("Band", "Other", "y"), ("Else", "Third", "z"), ("Band", "Fourth", "x")]
    with open_desk(tmp_path / "p") as desk:
        take(desk, put(tmp_path, "a.json", [called("Band", "Song", "x")]))
        assert take(desk, put(tmp_path, "b.json", [called(*names) for names in others])).imported == 3
        longer = called("Else", "Song", "x", ms_played=180_001)
        later = called("Else", "Song", "x", ts="2022-03-04T05:06:08Z")
        assert take(desk, put(tmp_path, "c.json", [longer, later])).imported == 2
