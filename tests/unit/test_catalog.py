"""The catalog keeps what it was told, all of it or nothing, and refuses what it must not touch."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from musicdesk.catalog import backup
from musicdesk.catalog.browse import ORDERS, Query, match_expression
from musicdesk.catalog.catalog import Catalog
from musicdesk.catalog.sound import MAX_ATTEMPTS, Facts
from musicdesk.core.errors import CatalogDamaged, NotFound
from musicdesk.core.killable import LATE
from musicdesk.core.types import Analysis, Found, Pick, PlayEnd, Playlist, Presence, Reason, Tags, TrackId, Verdict
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.rate import rate
from musicdesk.workflows.recommend import recommend
from musicdesk.workflows.request import Request
from tests.helpers.big_catalog import fill

FACTS = Facts(120.0, 0.9, -14.0, -4.0, 0.9, "A minor", 0.7, 44_100, 2, "flac")


@pytest.fixture
def catalog(tmp_path: Path):
    opened = Catalog.open(tmp_path / "catalog.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def tracks(catalog: Catalog) -> list[TrackId]:
    root = catalog.roots.add(b"/music")
    names = ["Épée", "Blue Train", "100% Näive", "東京", "x'; DROP TABLE track"]
    with catalog.write():
        return [
            catalog.tracks.add(root, Found(b"/music/%d\xff.mp3" % n, n, n), Tags(title=name, artist=f"A{n}"), "", "")
            for n, name in enumerate(names)
        ]


def save(catalog: Catalog, track: TrackId, value: float = 1.0) -> None:
    vector = np.full(4, value, np.float32)
    waveform = (np.arange(8, dtype=np.uint8), False)
    catalog.sound.save(track, "e", vector, vector, FACTS, "hash", waveform, 10.0)


def test_tracks_come_back_as_they_went_in(catalog, tracks):
    found = catalog.tracks.get(tracks[0])
    assert (found.tags.title, found.path, found.presence) == ("Épée", b"/music/0\xff.mp3", Presence.PRESENT)
    assert [t.id for t in catalog.tracks.get_many([tracks[3], tracks[1], TrackId(99)])] == [tracks[3], tracks[1]]
    with pytest.raises(NotFound, match="no track number 99"):
        catalog.tracks.get(TrackId(99))


WORDS = {"epee": 1, "ép": 1, "e\u0301pe\u0301e": 1, "blue tr": 1, "a1": 1, "drop": 1, "": 5, " \t": 5, "東": 1}


@pytest.mark.parametrize(("words", "count"), WORDS.items())
def test_search_as_you_type(catalog, tracks, words, count):
    assert len(catalog.browse.ids(Query(words=words))) == count


SIGNS = {"!!!": 2, " !!! ": 2, "!!!!": 0, "%": 1, "_": 1, '"': 1, "***": 0, "?!": 0, "\\": 0, "'": 1, "!!! loud": 1}


@pytest.mark.parametrize(("words", "count"), SIGNS.items())
def test_signs_alone_are_found_where_they_stand(catalog, tracks, words, count):
    named = (Tags(title="Loud", artist="!!!"), Tags(title="100% _ours_"), Tags(title="So", album='The "!!!"'))
    for n, tags in enumerate(named):
        catalog.tracks.update(tracks[n], Found(b"/music/%d\xff.mp3" % n, 9, 9), tags, "", "")
    assert len(catalog.browse.ids(Query(words=words))) == count


def test_signs_are_found_in_paths_below_the_folder(catalog):
    folder = catalog.roots.add(b"/+/music")
    for name in ("+/-/01.mp3", "!!!/02.mp3", "so/+-3.mp3"):
        catalog.tracks.add(folder, Found(f"/+/music/{name}".encode(), 9, 9), Tags(), "", "")
    counts = {"+": 2, "!!!": 1, "+-": 1, "-": 2, ".": 0, "/": 0, "..": 0, "+/-": 1}
    assert {words: len(catalog.browse.ids(Query(words=words))) for words in counts} == counts


def test_signs_are_looked_for_in_the_words_alone(catalog):
    """As they are typed, at 100,000 tracks: the whole table is read in a multiple of the time."""
    asked = []
    catalog.store.conn.set_trace_callback(asked.append)
    catalog.browse.ids(Query(words="***"))
    catalog.store.conn.set_trace_callback(None)
    [sql] = [sql for sql in asked if "instr" in sql]
    plan = catalog.store.conn.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
    assert [row[3] for row in plan] == ["SCAN track_words_content"]


def test_search_expression_is_harmless():
    assert match_expression('a" OR *') == '"a" * AND "OR" *'


@pytest.mark.parametrize("order", list(ORDERS))
def test_every_order_sorts_both_ways(catalog, tracks, order):
    up, down = (catalog.browse.ids(Query(order=order, descending=flag)) for flag in (False, True))
    assert sorted(up) == sorted(down) == sorted(tracks)


@pytest.mark.parametrize("order", ["artist", "album", "genre", "year", "duration"])
@pytest.mark.parametrize("descending", [False, True])
def test_what_is_blank_comes_last_whichever_way(catalog, tracks, order, descending):
    named = {"artist": "Zoë", "album": "Z", "genre": "Zydeco", "year": 2024, "duration_s": 200.0}
    column = {"duration": "duration_s"}.get(order, order)
    for n, track in enumerate(tracks):
        tags = Tags(title=f"T{n}", **{column: named[column]} if n == 2 else {})
        catalog.tracks.update(track, Found(b"/music/%d\xff.mp3" % n, 9, 9), tags, "", "")
    found = catalog.browse.ids(Query(order=order, descending=descending))
    assert found[0] == tracks[2] and sorted(found) == sorted(tracks)


def test_retagging_changes_the_search(catalog, tracks):
    catalog.tracks.update(tracks[0], Found(b"/music/0\xff.mp3", 5, 5), Tags(title="Sword"), "", "")
    assert catalog.browse.ids(Query(words="sword")).tolist() == [tracks[0]]
    assert not len(catalog.browse.ids(Query(words="epee")))
    catalog.tracks.remove([tracks[0]])
    assert not len(catalog.browse.ids(Query(words="sword")))


def test_a_transaction_is_all_or_nothing(catalog, tracks):
    with pytest.raises(ZeroDivisionError), catalog.write():
        catalog.tracks.set_presence(tracks, Presence.MISSING)
        1 / 0  # noqa: B018
    assert catalog.tracks.count() == {"present": 5, "offline": 0, "missing": 0, "total": 5}


def test_every_track_is_in_exactly_one_state(catalog, tracks):
    save(catalog, tracks[0])
    catalog.sound.fail(tracks[1], "decode", "broken", (1, 1))
    catalog.sound.fail(tracks[2], "decode", "crashed", (2, 2), crashed=True)
    assert catalog.sound.count("e") == {"analyzed": 1, "failed": 1, "waiting": 3}
    assert [catalog.tracks.get(t).analysis for t in tracks[:3]] == [Analysis.DONE, Analysis.FAILED, Analysis.WAITING]
    assert catalog.sound.fail(tracks[2], "decode", "crashed", (2, 2), crashed=True)
    assert catalog.sound.count("e")["failed"] == 2


def test_a_failed_file_is_tried_again_when_it_changes(catalog, tracks):
    catalog.sound.fail(tracks[1], "decode", "broken", (1, 1))
    assert tracks[1] not in [row[0] for row in catalog.sound.waiting("e")]
    catalog.tracks.touch(tracks[1], Found(b"/music/1\xff.mp3", 7, 7))
    assert tracks[1] in [row[0] for row in catalog.sound.waiting("e")]


def late(catalog, track, n):
    """The file hung, in both rounds of an analysis."""
    for _round in range(2):
        catalog.sound.attempt(track, "decode", n, n)
        catalog.sound.fail(track, "decode", f"{LATE} 20 s and was stopped.", (n, n), crashed=True)


def waits(catalog, track):
    return track in [row[0] for row in catalog.sound.waiting("e")]


def test_a_file_that_took_too_long_gets_another_day(catalog, tracks):
    """The machine may have been busy, or a drive asleep; but not for ever, and a damaged file none."""
    catalog.sound.fail(tracks[2], "decode", "broken", (2, 2))
    late(catalog, tracks[1], 1)
    assert catalog.sound.try_late_again() == 0 and not waits(catalog, tracks[1]), "not in the same hour"
    given = 0
    while catalog.sound.try_late_again(time.time() + 2 * 86_400):
        given += 1
        assert waits(catalog, tracks[1]) and not waits(catalog, tracks[2])
        catalog.sound.attempt(tracks[1], "decode", 1, 1)
        assert catalog.sound.fail(tracks[1], "decode", f"{LATE} 20 s.", (1, 1), crashed=True), "one try is enough"
    assert 2 <= given <= MAX_ATTEMPTS


def test_a_person_has_files_tried_again(catalog, tracks):
    """One, or all; what they said of tags is asked for by the next scan, what is heard by the next analysis."""
    for n in (1, 2):
        late(catalog, tracks[n], n)
    catalog.sound.fail(tracks[3], "tags", "no tags", (3, 3))
    assert catalog.sound.try_again([tracks[1]]) == 1
    assert waits(catalog, tracks[1]) and not waits(catalog, tracks[2])
    assert [failure.track for failure in catalog.sound.failures()] == [tracks[2], tracks[3]]
    assert catalog.inventory.signatures()[b"/music/3\xff.mp3"] == 6
    assert catalog.sound.try_again() == 2 and catalog.sound.try_again() == 0
    assert waits(catalog, tracks[2]) and catalog.inventory.signatures()[b"/music/3\xff.mp3"] == -1
    late(catalog, tracks[2], 2)
    assert not waits(catalog, tracks[2]), "it has two rounds again, and is put aside again"


def test_vectors_are_finite_or_refused(catalog, tracks):
    with pytest.raises(ValueError, match="finite"):
        save(catalog, tracks[0], float("nan"))
    assert not len(catalog.sound.vectors("e"))
    stamp = catalog.sound.stamp()
    save(catalog, tracks[0])
    assert catalog.sound.stamp() > stamp
    assert catalog.sound.vectors("e").matrix.tolist() == [[1.0, 1.0, 1.0, 1.0]]
    assert catalog.sound.facts(tracks[0]) == FACTS


def test_ratings_are_kept_counted_and_undone(catalog, tracks):
    catalog.feedback.rate(tracks[0], Verdict.LIKE)
    catalog.feedback.rate(tracks[0], Verdict.NEVER)
    catalog.feedback.played(tracks[1], 40_000, 180_000, PlayEnd.SKIPPED)
    catalog.feedback.played(tracks[2], 4_000, 180_000, PlayEnd.SKIPPED)
    listener = catalog.feedback.listener()
    assert (listener.liked, listener.disliked, listener.plays) == ({}, {tracks[0]: 1.0}, {tracks[1]: 1})
    assert catalog.feedback.undo().verdict is Verdict.NEVER
    assert catalog.tracks.get(tracks[0]).verdict is Verdict.LIKE
    assert catalog.feedback.undo().verdict is Verdict.LIKE
    assert catalog.tracks.get(tracks[0]).verdict is None
    assert catalog.feedback.undo() is None
    assert [event.undone for event in catalog.feedback.events()] == [True, True]


def test_playlists_keep_order_scores_and_reasons(catalog, tracks):
    picks = tuple(Pick(t, 0.5, (Reason("near", 0.7, tracks[0]),)) for t in (tracks[2], tracks[0]))
    kept = catalog.playlists.save(Playlist(None, "Mix", "for-you", picks, 3, "content"), {"n": 2})
    assert catalog.playlists.get(kept.id).picks == picks
    assert [s.tracks for s in catalog.playlists.all()] == [2]
    assert set(catalog.playlists.exposure(0.0)) == {tracks[0], tracks[2]}


def test_layouts_leave_out_what_is_gone(catalog, tracks):
    ids = np.array([tracks[0], 99], np.int64)
    catalog.layouts.save("pca", "e", ids, np.ones((2, 3), np.float32), 0.9, 1.0)
    assert catalog.layouts.active().ids.tolist() == [tracks[0]]
    with pytest.raises(ValueError, match="finite"):
        catalog.layouts.save("pca", "e", ids, np.full((2, 3), np.nan), 0.9, 1.0)


def test_a_folder_that_is_forgotten_takes_everything_with_it(catalog, tracks):
    save(catalog, tracks[0])
    catalog.feedback.rate(tracks[0], Verdict.LIKE)
    root = catalog.roots.all()[0]
    assert catalog.roots.remove(root.id) == 5
    for table in ("track", "embedding", "feedback_event", "track_words"):
        assert catalog.store.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0


def test_forgetting_a_folder_leaves_what_lies_in_another_one(catalog):
    """Both ways: the inner of two folders is forgotten, and the outer."""
    outer, inner, beside = (catalog.roots.add(path) for path in (b"/music", b"/music/sub", b"/music/subway"))
    paths = [(inner, b"/music/sub/a.mp3"), (outer, b"/music/b.mp3"), (beside, b"/music/subway/c.mp3")]
    ids = [catalog.tracks.add(root, Found(path, 1, 1), Tags(title="t"), "", "") for root, path in paths]
    for track in ids:
        catalog.feedback.rate(track, Verdict.LIKE)
    assert not catalog.browse.ids(Query(words="sub")).tolist()
    assert (catalog.roots.parting(inner), catalog.roots.remove(inner)) == ((0, 1), 0)
    assert [catalog.tracks.get(track).verdict for track in ids] == [Verdict.LIKE] * 3
    assert catalog.browse.ids(Query(words="sub a.mp3")).tolist() == ids[:1]  # words are of what lies below the folder
    inner = catalog.roots.add(b"/music/sub")
    assert (catalog.roots.parting(outer), catalog.roots.remove(outer)) == ((1, 1), 1)
    assert [track.id for track in catalog.tracks.all()] == [ids[0], ids[2]]
    assert catalog.tracks.get(ids[0]).verdict is Verdict.LIKE
    assert not catalog.browse.ids(Query(words="sub")).tolist()
    assert catalog.roots.remove(inner) == 1 and catalog.roots.remove(beside) == 1


def test_a_folder_that_is_forgotten_while_the_desk_is_open_is_in_no_list(tmp_path):
    """What was heard of its tracks was kept in memory, and the next list broke on the first of them."""
    with open_desk(tmp_path) as desk:
        ids = fill(desk.catalog, 30, desk.encoder, folder=Path("/stays")).tolist()
        fill(desk.catalog, 40, desk.encoder, folder=Path("/goes"), seed=5)
        rate(desk, TrackId(ids[0]), Verdict.LIKE)
        assert len(desk.vectors()) == desk.catalog.sound.heard(desk.encoder) == 70
        recommend(desk, Request(n=50))
        desk.catalog.roots.remove(next(root.id for root in desk.catalog.roots.all() if root.path == b"/goes"))
        assert len(desk.vectors()) == desk.catalog.sound.heard(desk.encoder) == 30
        found = recommend(desk, Request(n=50))
        assert {int(pick.track) for pick in found.picks} <= set(ids)


def test_backup_and_restore(catalog, tracks, tmp_path):
    backup.make(catalog.store.path, tmp_path / "b.sqlite")
    catalog.tracks.remove(tracks)
    catalog.close()
    aside = backup.restore(catalog.store.path, tmp_path / "b.sqlite")
    reopened = Catalog.open(catalog.store.path)
    assert aside is not None and aside.exists()
    assert reopened.tracks.count()["total"] == 5
    reopened.close()


def test_a_damaged_backup_is_refused(catalog, tracks, tmp_path):
    target = tmp_path / "b.sqlite"
    backup.make(catalog.store.path, target)
    data = bytearray(target.read_bytes())
    data[4096 * 3 : 4096 * 6] = b"\x55" * (4096 * 3)
    target.write_bytes(data)
    catalog.close()
    with pytest.raises(CatalogDamaged):
        backup.restore(catalog.store.path, target)
    Catalog.open(catalog.store.path).close()


def test_backups_rotate(catalog, tracks, tmp_path):
    folder = tmp_path / "backups"
    for day in range(12):
        backup.rotate(catalog.store.path, folder, now=1_800_000_000 + day * 86_400)
    assert len(list(folder.glob("daily-*"))) == backup.KEEP_DAILY
    assert 2 <= len(list(folder.glob("weekly-*"))) <= backup.KEEP_WEEKLY
    assert backup.rotate(catalog.store.path, folder, now=1_800_000_000 + 11 * 86_400) is None


def test_a_clock_that_was_ahead_does_not_cost_todays_backup(catalog, tmp_path):
    folder, now = tmp_path / "backups", 1_800_000_000
    for day in range(backup.KEEP_DAILY):
        backup.rotate(catalog.store.path, folder, now=now + (10_000 + day) * 86_400)
    for day in range(backup.KEEP_DAILY + 2):
        made = backup.rotate(catalog.store.path, folder, now=now + day * 86_400)
        assert made is not None and made.exists()
        assert backup.rotate(catalog.store.path, folder, now=now + day * 86_400) is None
    assert len(list(folder.glob("daily-*"))) == 2 * backup.KEEP_DAILY
