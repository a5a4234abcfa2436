"""The experiments on crowds and on sound, on small data with known truth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from musicdesk.audio.descriptors import DESCRIPTOR_NAMES
from musicdesk.core.errors import NotReady, Unusable
from musicdesk.core.progress import Silent
from musicdesk.reports.report import Origin
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.import_history import ME, import_history
from musicdesk.workflows.reproduce import reproduce
from musicdesk.workflows.studies import features, similarity
from musicdesk.workflows.studies.sounds import Sounds, standardised
from musicdesk.workflows.studies.study import Given
from tests.helpers.big_catalog import fill
from tests.helpers.study_data import plays_file, songs_csv
from tests.whole.test_studies import column, reproduced

SMALL = {"listeners": 240, "asked": 40}


def test_removed_songs_are_found_again_and_controls_are_not(tmp_path: Path) -> None:
    data = plays_file(tmp_path / "triplets.txt")
    found = reproduced("profile-removal", data, tmp_path / "out", **SMALL, factors=8)
    recall, area = column(found, 1, "recall@20"), column(found, 1, "AUC")
    assert recall["wmf",] > recall["popularity (control)", ""] + 0.1 > recall["random (control)",] + 0.1
    assert area["random (control)",] == pytest.approx(0.5, abs=0.05)
    middle = column(found, 0, "place, median")
    assert middle["wmf",] < middle["popularity (control)",] < middle["random (control)",]
    assert found.tables[0]["note"].startswith("On triplets.txt: 3,360 pairs of 240 listeners")
    again = reproduced("profile-removal", data, tmp_path / "out", **SMALL, factors=8)
    assert again.tables == found.tables


def test_more_listeners_teach_more(tmp_path: Path) -> None:
    data = plays_file(tmp_path / "triplets.txt", kinds=12)
    found = reproduced("scaling", data, tmp_path / "out", **SMALL, factors=16, iterations=5)
    recall = [row[4]["value"] for row in found.tables[0]["rows"]]
    assert recall[-1] > recall[0] + 0.05 and recall[-1] > found.tables[0]["rows"][-1][5]["value"] + 0.1
    assert [row[0]["value"] for row in found.tables[0]["rows"]] == [25, 50, 100, 200]
    assert [row[1]["value"] for row in found.tables[1]["rows"]][-1] == 120


def test_a_search_goes_on_where_it_was(tmp_path: Path) -> None:
    data = plays_file(tmp_path / "triplets.txt")
    small = {**SMALL, "iterations": 3, "most_factors": 16, "seconds": 600}
    first = reproduced("search", data, tmp_path / "out", **small, trials=3)
    kept = (tmp_path / "out" / "trials.log").read_bytes()
    assert first.notes[1].startswith("3 trials")
    second = reproduced("search", data, tmp_path / "out", **small, trials=6)
    assert second.notes[1].startswith("6 trials")
    assert (tmp_path / "out" / "trials.log").read_bytes().startswith(kept)  # nothing was done again
    names = {row[0] for row in first.tables[1]["rows"]}
    assert names <= {row[0] for row in second.tables[1]["rows"]} and len(second.tables[1]["rows"]) == 6
    with pytest.raises(Unusable, match="within the budget"):
        reproduced("search", data, tmp_path / "other", **{**small, "seconds": 0}, trials=3)


def test_crowd_studies_say_what_they_need(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="many people's plays"):
        reproduced("scaling", None, tmp_path / "out")
    (tmp_path / "x.txt").write_text("nothing of the kind\n")
    with pytest.raises(Unusable, match="holds no plays"):
        reproduced("scaling", tmp_path / "x.txt", tmp_path / "out")
    with pytest.raises(Unusable, match="at least 50"):
        reproduced("scaling", plays_file(tmp_path / "triplets.txt", 20), tmp_path / "out")


def test_sound_studies_find_what_was_planted(tmp_path: Path) -> None:
    data = songs_csv(tmp_path / "music.csv", 400)
    found = reproduced("similarity", data, tmp_path / "s")
    apart = column(found, 0, "mean distance")
    assert apart["same album",] < apart["same tag, other artist",] < apart["nothing in common",]
    agree = column(found, 1, "rank correlation")
    assert agree["words as they are",] > 0.1 > abs(agree["words shuffled (control)",])
    share = column(found, 3 - 1, "same artist")
    assert share["the 20 nearest",] > 3 * share["as many at random",]
    told = reproduced("features", data, tmp_path / "f", trees=30, repeats=2)
    model, control = column(told, 0, "model"), column(told, 0, "shuffled answers")
    for what in ("tag", "popularity"):
        score = next(value for key, value in model.items() if key[0] == what)
        assert score > next(value for key, value in control.items() if key[0] == what) + 0.1
    assert [plot["name"] for plot in told.plots] == ["importance-tag", "importance-popularity"]
    assert "published" not in json.dumps(told.tables)


def planted_sounds(covers: int = 10, count: int = 200) -> Sounds:
    """The last `covers` songs sound like the first ones, under other names."""
    draw = np.random.default_rng(0)
    sound = draw.normal(size=(count, 12))
    sound[-covers:] = sound[:covers] + 0.01 * draw.normal(size=(covers, 12))
    words = np.array([f"w{n}" for n in range(count)], object)
    nan = np.full(count, np.nan)
    return Sounds(standardised(sound), tuple("abcdefghijkl"), words, words, words, words, nan, nan, "Planted.")


def test_planted_covers_come_first() -> None:
    songs = planted_sounds()
    pairs = similarity.far_alike(songs, similarity.neighbours(songs.sound, 20), 10)
    assert sorted(map(tuple, pairs.tolist())) == [(n, 190 + n) for n in range(10)]


def test_the_measure_that_decides_is_found(tmp_path: Path) -> None:
    songs = planted_sounds(count=300)
    tag = np.where(songs.sound[:, 7] > 0, "up", "down").astype(object)
    target = features.Target("tag", "balanced accuracy", np.arange(300), tag.astype(str), songs.artist.astype(str))
    with open_desk() as desk:
        settings = {"trees": 50, "repeats": 3}
        given = Given(desk, None, tmp_path, 0, settings, Origin.MADE_UP, Silent())
        told = features.importance(songs, target, given)
    assert told.means.argmax() == 7 and told.score > 0.9 > 0.7 > told.chance
    assert np.delete(told.means, 7).max() < 0.1


def test_the_library_is_enough_for_the_sound_studies_when_it_was_heard(tmp_path: Path) -> None:
    with open_desk() as desk:
        with pytest.raises(NotReady, match="0 tracks of the library"):
            reproduce(desk, "similarity", Silent(), None, tmp_path)
        ids = fill(desk.catalog, 120, desk.encoder)
        artists = np.unique(list(desk.catalog.browse.artists().values()), return_inverse=True)[1]
        draw = np.random.default_rng(0)
        centres = draw.normal(size=(artists.max() + 1, len(DESCRIPTOR_NAMES)))
        sound = (centres[artists] + 0.3 * draw.normal(size=(120, len(DESCRIPTOR_NAMES)))).astype(np.float32)
        rows = [(len(row), row.tobytes(), int(track)) for track, row in zip(ids, sound, strict=True)]
        desk.catalog.store.conn.executemany("UPDATE descriptor SET dim = ?, vector = ? WHERE track_id = ?", rows)
        found = reproduce(desk, "similarity", Silent(), None, tmp_path / "s")
        told = reproduce(desk, "features", Silent(), None, tmp_path / "f", typed={"trees": 20, "repeats": 1})
    apart = column(found, 0, "mean distance")
    assert apart["same artist, other album",] < 0.85 * apart["nothing in common",]
    assert found.origin == "measured" and found.tables[0]["note"].startswith("On the 120 tracks of the library")
    assert told.tables[0]["rows"] and len(told.plots) >= 1


def test_a_crowd_that_was_imported_is_enough(tmp_path: Path) -> None:
    data = plays_file(tmp_path / "triplets.txt")
    with open_desk() as desk:
        import_history(desk, [data], Silent(), "", ME, "small")
        found = reproduce(desk, "profile-removal", Silent(), None, tmp_path, typed={**SMALL, "factors": 8})
    assert found.tables[0]["note"].startswith("On the crowd 'small': 3,360 pairs")
    assert found.data == "the library"
