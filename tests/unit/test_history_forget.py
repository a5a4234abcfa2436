"""An import is taken back: what only it told goes, what another told too stays, and nothing else changes."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from musicdesk.core.errors import NotFound, Unusable
from musicdesk.core.progress import Silent
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.forget import forget, forget_all, forget_crowd, together
from tests.helpers.histories import account, put, stored, take, zipped
from tests.helpers.programs import ask
from tests.unit.test_history_crowds import GOOD
from tests.unit.test_history_matching import own, play
from tests.unit.test_history_once import history, in_minutes


@pytest.fixture
def desk(tmp_path: Path):
    with open_desk(tmp_path / "profile") as opened:
        yield opened


def number(desk, name: str) -> int:
    """The newest import of a file of that name."""
    return next(source.id for source in desk.catalog.listens.sources() if source.name == name)


def plays(desk) -> list[tuple[object, ...]]:
    """Listens and mentions without the albums of songs, which are the least that any import has told."""
    listens = """SELECT s.artist, s.title, l.at, l.kind, l.ms, l.ordinal, l.counted FROM listen l
        JOIN song s ON s.id = l.song_id ORDER BY 1, 2, 3, 4, 5, 6"""
    mentions = (
        "SELECT s.artist, s.title, n.verb, n.name FROM mention n JOIN song s ON s.id = n.song_id ORDER BY 1,2,3,4"
    )
    conn = desk.catalog.store.conn
    return [*conn.execute(listens), *conn.execute(mentions)]


def test_everything_of_the_only_import_goes(desk, tmp_path):
    (track,) = own(desk, ("Band", "One", 200.0))
    play(desk, tmp_path, ("Band", "One"), ("Else", "Two"))
    assert desk.catalog.feedback.listener().plays == {track: 1}
    done = forget(desk, desk.catalog.listens.sources()[0].id, Silent())
    assert (done.rows, done.songs) == (2, 2)
    assert desk.catalog.feedback.listener().plays == {}
    for table in ("listen", "mention", "song", "match", "source"):
        assert stored(desk, table=table) == 0, table
    assert desk.catalog.store.conn.execute("PRAGMA foreign_key_check").fetchall() == []
    with pytest.raises(NotFound, match="no import number"):
        forget(desk, 1, Silent())


@pytest.mark.parametrize("gone", ["a.json", "b.json", "StreamingHistory0.json", "c.json"])
def test_the_rest_is_as_if_it_had_never_been(tmp_path, gone):
    """Four imports that overlap in every way, in some orders; one of them is taken back."""
    rows = history(300, seed=6)
    files = {
        "a.json": put(tmp_path, "a.json", rows[:150]),
        "b.json": put(tmp_path, "b.json", rows[100:250]),
        "c.json": put(tmp_path, "c.json", rows[120:140]),
        "StreamingHistory0.json": put(tmp_path, "StreamingHistory0.json", in_minutes(rows[200:])),
    }
    with open_desk(tmp_path / "rest") as desk:
        for name, path in files.items():
            if name != gone:
                take(desk, path)
        wanted = plays(desk)
    for turn, order in enumerate(list(itertools.permutations(files))[::5]):
        with open_desk(tmp_path / f"p{turn}") as desk:
            for name in order:
                take(desk, files[name])
            forget(desk, number(desk, gone), Silent())
            assert plays(desk) == wanted
            assert stored(desk, "count(*)", "listen WHERE source_id NOT IN (SELECT id FROM source)") == 0


def test_importing_it_again_brings_it_back(desk, tmp_path):
    path, other = (put(tmp_path, name, history(100, seed)) for seed, name in enumerate(("a.json", "b.json")))
    take(desk, path)
    before = desk.catalog.listens.digest()
    take(desk, other)
    forget(desk, number(desk, "b.json"), Silent())
    assert take(desk, path).imported == 0
    assert plays(desk) and take(desk, other).imported > 0
    forget(desk, number(desk, "b.json"), Silent())
    forget(desk, number(desk, "a.json"), Silent())
    assert stored(desk) == 100  # the first of its two imports is still there
    forget(desk, number(desk, "a.json"), Silent())
    assert stored(desk) == 0
    take(desk, path)
    assert desk.catalog.listens.digest() == before


def test_another_listener_goes_with_the_last_import(desk, tmp_path):
    take(desk, put(tmp_path, "StreamingHistory0.json", [account()]), listener="Anna")
    forget(desk, 1, Silent())
    assert [row[0] for row in desk.catalog.store.conn.execute("SELECT name FROM listener")] == ["me"]


def test_a_crowd_goes_as_a_whole(desk, tmp_path):
    take(desk, put(tmp_path, "t.txt", GOOD))
    with pytest.raises(NotFound, match="by its name"):
        forget(desk, 1, Silent())
    done = forget_crowd(desk, "taste-profile")
    assert (done.rows, done.songs) == (1, 1)
    assert desk.catalog.crowds.all() == [] and list((desk.profile.folder / "crowds").iterdir()) == []
    assert take(desk, put(tmp_path, "t.txt", GOOD)).imported == 1


def test_on_the_command_line(tmp_path):
    place = tmp_path / "p"
    ask(place, "import", str(put(tmp_path, "StreamingHistory0.json", [account(), account(msPlayed=0)])))
    (source,) = ask(place, "status")["history"]["sources"]
    assert source["rows"] == source["imported"] + source["duplicates"] + sum(source["rejected"].values()) == 2
    (wish,) = ask(place, "match", "--wishes")["wishes"]
    assert (wish["artist"], wish["title"], wish["plays"]) == ("John Coltrane", "Blue Train", 1)
    saved = ask(place, "match", "--wishes", "--out", str(tmp_path / "buy.csv"))["saved"]
    assert Path(saved).read_text("utf-8").splitlines() == ["artist,title,plays", "John Coltrane,Blue Train,1"]
    assert ask(place, "match", "--never", str(wish["song"]))["not_owned"] == 1
    assert ask(place, "match", "--undo")["undone"] == wish["song"]
    assert ask(place, "match", "--undo")["undone"] is None
    assert ask(place, "import", "--forget", str(source["id"]))["rows"] == 1
    assert ask(place, "status")["history"]["sources"] == []


def test_many_imports_are_all_listed_and_go_together(tmp_path):
    place = tmp_path / "p"
    months = {f"{n}.json": json.dumps([account(trackName=f"Song {n}")]).encode() for n in range(230)}
    ask(place, "import", str(put(tmp_path, "months.zip", zipped(months))))
    numbers = [source["id"] for source in ask(place, "status")["history"]["sources"]]
    assert numbers == list(range(230, 0, -1))
    gone = ask(place, "import", "--forget", "7", "11-229")
    assert (gone["rows"], gone["songs"], gone["name"]) == (220, 220, "220 imports")
    left = [source["id"] for source in ask(place, "status")["history"]["sources"]]
    assert left == [230, 10, 9, 8, 6, 5, 4, 3, 2, 1]


def test_of_several_imports_all_go_or_none(desk, tmp_path):
    play(desk, tmp_path, ("Band", "One"))
    for missing in ((2, 2), (5, 9)):
        with pytest.raises(NotFound):
            forget_all(desk, [(1, 1), missing], Silent())
    assert stored(desk) == 1
    take(desk, put(tmp_path, "t.txt", GOOD))
    assert forget_all(desk, [(1, 9)], Silent()).rows == 1, "a crowd between them stays"
    with pytest.raises(Unusable, match="no number"):
        take(desk, put(tmp_path, "t.txt", GOOD), crowd="5-9")


def test_what_came_in_one_go_is_known(desk, tmp_path):
    """By what is noted; older imports stand alone: Spotify calls every archive my_spotify_data.zip."""
    members = {f"{n}.json": json.dumps(history(2, n)).encode() for n in range(3)}
    take(desk, put(tmp_path, "one.zip", zipped(members)))
    take(desk, put(tmp_path, "one.zip", zipped(members)))
    take(desk, *(put(tmp_path, name, history(3, 9)) for name in ("x.json", "y.json")), listener="Anna")
    take(desk, put(tmp_path, "t.txt", GOOD))

    def groups() -> list[list[int]]:
        sources = desk.catalog.listens.sources()
        return sorted({tuple(sorted(other.id for other in together(sources, source))) for source in sources})

    assert groups() == [(1, 2, 3), (4, 5, 6), (7, 8), (9,)]
    forget(desk, 1, Silent())
    assert groups()[0] == (2, 3)
    desk.catalog.store.conn.execute("UPDATE source SET account = json_remove(account, '$.came')")
    assert groups() == [(n,) for n in range(2, 10)]
