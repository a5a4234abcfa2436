"""Library files with spoiled pages: a sentence, never a crash; no rating lost in silence; the way back is offered."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from musicdesk.catalog import backup as copies
from musicdesk.catalog.backup import look
from musicdesk.core.errors import CatalogDamaged, CatalogTooNew, LibraryDamaged, MusicdeskError, NotFound
from musicdesk.core.paths import Profile
from musicdesk.core.types import PlayEnd, TrackId, Verdict
from musicdesk.workflows import recovery
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.status import status
from musicdesk.workflows.troubles import damage_behind, told
from tests.helpers.big_catalog import fill
from tests.helpers.damage import PAGE, RATINGS, VERDICTS, rows, sound, spoil
from tests.helpers.programs import ask, run

TRACKS, OLD, NEW = 1_500, 400, 200  # ratings in the backup, and since


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """A library of 1,500 tracks with 400 ratings, a backup, and 200 ratings and plays since."""
    folder = tmp_path_factory.mktemp("damaged") / "p"
    with open_desk(folder) as desk:
        ids = fill(desk.catalog, TRACKS, desk.encoder, layout=True)
        rate(desk, ids[:OLD])
        copies.rotate(desk.profile.catalog, desk.profile.backups)
        rate(desk, ids[OLD : OLD + NEW])
        for track in ids[:NEW]:
            desk.catalog.feedback.played(TrackId(int(track)), 60_000, 90_000, PlayEnd.FINISHED)
    return Profile(folder)


def rate(desk, ids) -> None:  # type: ignore[no-untyped-def]
    with desk.catalog.write():
        for at, track in enumerate(ids):
            desk.catalog.feedback.rate(TrackId(int(track)), (Verdict.LIKE, Verdict.DISLIKE, Verdict.NEVER)[at % 3])


def copy(whole: Profile, tmp_path: Path) -> Profile:
    shutil.copytree(whole.folder, tmp_path / "p")
    return Profile(tmp_path / "p")


def used(profile: Profile) -> list[tuple] | None:
    """The ratings as the program reads them; None when it says that the file is damaged. Nothing else may happen."""
    try:
        with open_desk(profile.folder) as desk:
            status(desk)
            desk.catalog.feedback.events(1_000_000)
            list(desk.catalog.feedback.listener().liked)
    except Exception as error:
        found = told(error) or damage_behind(profile)
        assert isinstance(found, LibraryDamaged), repr(error)
        return None
    if not seen_sound(profile):
        return None  # the daily backup, or the next look, tells
    return rows(profile.catalog, RATINGS)


def seen_sound(profile: Profile) -> bool:
    try:
        copies.make(profile.catalog, profile.folder / "tried.sqlite")
    except MusicdeskError:
        return False
    return True


def damage_and_repair(whole: Profile, tmp_path: Path, pages: int, seed: int, first: int = 1) -> tuple[bool, int]:
    """Whether the damage was told, and how many of the ratings in no backup were lost."""
    profile = copy(whole, tmp_path)
    before, verdicts = rows(profile.catalog, RATINGS), rows(profile.catalog, VERDICTS)
    spoil(profile.catalog, pages, seed, first)
    found = used(profile)
    if found is not None:
        assert found == before, "ratings changed in silence"
        assert rows(profile.catalog, VERDICTS) == verdicts
    done = recovery.repair(profile)
    assert sound(profile.catalog) and Path(done.set_aside).exists()
    after = rows(profile.catalog, RATINGS)
    kept = set(after)
    assert set(before[:OLD]) <= kept, "what the backup has is back"
    assert len(after) == len(before) or done.gaps
    now = dict(rows(profile.catalog, VERDICTS))
    assert {track: verdict for _id, track, verdict, *_ in after}.items() <= now.items()
    assert now.items() <= dict(verdicts).items(), "nobody rated anything else"
    lost = dict(verdicts).keys() - now.keys()
    assert used(profile) == after
    shutil.rmtree(profile.folder)
    return found is None, len(lost)


def test_spoiled_pages(whole: Profile, tmp_path: Path):
    """25 libraries, each with 1 to 20 spoiled pages, and some whose first page is gone."""
    told_, lost = 0, 0
    for seed in range(25):
        damaged, gone = damage_and_repair(whole, tmp_path, 1 + seed % 20, seed, first=0 if seed % 5 == 0 else 1)
        told_, lost = told_ + damaged, lost + gone
    assert told_ > 12
    assert lost < 25 * NEW / 2


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(10))
def test_five_hundred_spoiled_libraries(whole: Profile, tmp_path: Path, part: int):
    for seed in range(1_000 + part * 50, 1_050 + part * 50):
        damage_and_repair(whole, tmp_path, 1 + seed % 40, seed, first=0 if seed % 7 == 0 else 1)


def rating_pages(profile: Profile) -> tuple[bytearray, list[slice]]:
    """The library file and where in it the ratings lie, in their order; the backups are gone."""
    for backup in profile.backups.iterdir():
        backup.unlink()
    leaves = "SELECT pageno FROM dbstat WHERE name = 'feedback_event' AND pagetype = 'leaf' ORDER BY path"
    try:
        numbers = [number for (number,) in rows(profile.catalog, leaves)]
    except Exception:
        pytest.skip("this SQLite has no dbstat")
    return bytearray(profile.catalog.read_bytes()), [slice((n - 1) * PAGE, n * PAGE) for n in numbers]


def lost_by(profile: Profile, data: bytearray) -> tuple[recovery.Recovered, list[int]]:
    """What repairing made of the file with `data` in it, and the numbers of the ratings that are gone."""
    before = rows(profile.catalog, RATINGS)
    profile.catalog.write_bytes(data)
    assert used(profile) is None
    done = recovery.repair(profile)
    after = set(rows(profile.catalog, RATINGS))
    assert after <= set(before), "no rating is made up"
    return done, [row[0] for row in before if row not in after]


def test_one_spoiled_page_costs_its_rows_alone(whole: Profile, tmp_path: Path):
    profile = copy(whole, tmp_path)
    data, pages = rating_pages(profile)
    data[pages[1]] = bytes(PAGE)
    done, lost = lost_by(profile, data)
    assert done.gaps == 1 and done.contents.tracks == TRACKS
    assert 0 < len(lost) < 150 and lost == list(range(lost[0], lost[0] + len(lost)))


@pytest.mark.timeout(60)
def test_rows_out_of_order_are_not_read_for_ever(whole: Profile, tmp_path: Path):
    """A page whose rows come backwards: what stands behind it is read once, and its own rows are what may be lost."""
    profile = copy(whole, tmp_path)
    data, pages = rating_pages(profile)
    head = pages[1].start
    count = int.from_bytes(data[head + 3 : head + 5], "big")
    places = data[head + 8 : head + 8 + 2 * count]
    data[head + 8 : head + 8 + 2 * count] = b"".join(places[at : at + 2] for at in range(2 * count - 2, -2, -2))
    done, lost = lost_by(profile, data)
    assert done.gaps and len(lost) <= count and done.contents.tracks == TRACKS


@pytest.mark.parametrize(("to", "of"), [(1, 3), (3, 1)], ids=["later rows", "earlier rows"])
def test_a_page_with_the_rows_of_another_costs_its_own_alone(whole: Profile, tmp_path: Path, to: int, of: int):
    profile = copy(whole, tmp_path)
    data, pages = rating_pages(profile)
    data[pages[to]] = data[pages[of]]
    done, lost = lost_by(profile, data)
    assert done.gaps and 0 < len(lost) < 150


def number_of(data: bytearray, at: int) -> tuple[int, int]:
    """A number as SQLite writes it, at most 14 bits here, and where it ends."""
    return (data[at], at + 1) if data[at] < 0x80 else (((data[at] & 0x7F) << 7) | data[at + 1], at + 2)


@pytest.mark.parametrize("torn", [False, True], ids=["rows follow", "nothing readable follows"])
def test_a_row_whose_number_is_damaged_takes_no_others_place(whole: Profile, tmp_path: Path, torn: bool):
    """One bit makes track 559 the 687th, and the page of that one is gone: both are as the backup has them."""
    profile = copy(whole, tmp_path)
    before, verdicts = rows(profile.catalog, RATINGS), rows(profile.catalog, VERDICTS)
    paths = rows(profile.catalog, "SELECT id, path FROM track WHERE id IN (559, 687)")
    data = bytearray(profile.catalog.read_bytes())
    for (number,) in rows(profile.catalog, "SELECT pageno FROM dbstat WHERE name = 'track' AND pagetype = 'leaf'"):
        head = (number - 1) * PAGE
        for cell in range(int.from_bytes(data[head + 3 : head + 5], "big")):
            place = head + 8 + 2 * cell
            _size, at = number_of(data, head + int.from_bytes(data[place : place + 2], "big"))
            row, _end = number_of(data, at)
            if row == 559:
                data[at] ^= 1
                assert number_of(data, at)[0] == 687
                if torn:
                    data[place + 2 : place + 4] = b"\xff\xff"
            elif row == 687:
                data[head : head + PAGE] = bytes(PAGE)
                break
    profile.catalog.write_bytes(data)
    recovery.repair(profile)
    assert rows(profile.catalog, "SELECT id, path FROM track WHERE id IN (559, 687)") == paths
    assert rows(profile.catalog, RATINGS) == before and rows(profile.catalog, VERDICTS) == verdicts


def test_a_file_of_nothing_but_noise_comes_back_from_the_backup(whole: Profile, tmp_path: Path):
    profile = copy(whole, tmp_path)
    profile.catalog.write_bytes(b"\x5a" * profile.catalog.stat().st_size)
    assert used(profile) is None
    done = recovery.repair(profile)
    assert done.contents.rated == OLD and done.from_backup > TRACKS
    assert rows(profile.catalog, RATINGS) == rows(whole.catalog, RATINGS)[:OLD]


def test_an_end_that_was_no_proper_one_is_looked_into(whole: Profile, tmp_path: Path):
    profile = copy(whole, tmp_path)
    (profile.folder / "catalog.open").touch()
    with open_desk(profile.folder) as desk:
        assert not desk.catalog.store.traces.pending
    assert not (profile.folder / "catalog.open").exists()
    spoil(profile.catalog, 60, 3)
    with open_desk(profile.folder):
        pass  # nothing is read that is damaged, and the last end was a proper one
    (profile.folder / "catalog.open").touch()
    with pytest.raises(LibraryDamaged):
        open_desk(profile.folder)
    assert (profile.folder / "catalog.open").exists(), "it is told until something is done about it"
    recovery.restore(profile)
    open_desk(profile.folder).close()


def test_the_newest_good_backup_is_taken(whole: Profile, tmp_path: Path):
    profile = copy(whole, tmp_path)
    [entry] = {entry.file for entry in recovery.kept(profile) if entry.kind == "daily"}
    newer = profile.backups / "daily-2099-01-01.sqlite"
    newer.write_bytes(Path(entry).read_bytes())
    spoil(newer, 1, 1, first=0)
    newer.write_bytes(b"\0" * 100 + newer.read_bytes()[100:])
    assert recovery.kept(profile)[0].file == str(newer)
    assert recovery.newest_good(profile) != newer
    for backup in profile.backups.iterdir():
        backup.unlink()
    with pytest.raises(NotFound):
        recovery.newest_good(profile)


def test_files_that_are_no_backups_are_refused(whole: Profile, tmp_path: Path):
    """A database of another program, a newer library, a text: the library in use stays what it is."""
    import sqlite3

    profile = copy(whole, tmp_path)
    foreign, newer, text = (tmp_path / name for name in ("f.sqlite", "n.sqlite", "t.sqlite"))
    conn = sqlite3.connect(foreign)
    conn.execute("CREATE TABLE theirs (x)")
    conn.close()
    shutil.copy(profile.catalog, newer)
    conn = sqlite3.connect(newer)
    conn.execute("PRAGMA user_version=999")
    conn.close()
    text.write_text("my shopping list")
    before = profile.catalog.read_bytes()
    for path, error in ((foreign, CatalogDamaged), (newer, CatalogTooNew), (text, CatalogDamaged)):
        content = path.read_bytes()
        for work in (recovery.restore, recovery.preview, recovery.ready):  # the window previews, then makes ready
            with pytest.raises(error) as told:
                work(profile, path)
            assert not isinstance(told.value, LibraryDamaged), "the library is sound, there is nothing to repair"
        assert path.read_bytes() == content and profile.catalog.read_bytes() == before
    shutil.copy(foreign, profile.catalog)
    with pytest.raises(CatalogDamaged, match="another program"):
        recovery.repair(profile)
    with pytest.raises(CatalogDamaged, match="another program"):
        open_desk(profile.folder)
    assert profile.catalog.read_bytes() == foreign.read_bytes()


def test_a_damaged_backup_is_none_of_the_library(whole: Profile, tmp_path: Path):
    profile = copy(whole, tmp_path)
    backup = recovery.newest_good(profile)
    backup.write_bytes(backup.read_bytes()[:100] + b"\x55" * 40_000)
    for work in (recovery.restore, recovery.preview, recovery.ready):
        with pytest.raises(CatalogDamaged, match=r"The backup .* is damaged") as told:
            work(profile, backup)
        assert not isinstance(told.value, LibraryDamaged)
    (tmp_path / "h.csv").write_text("time,artist,title\n")
    error = run(profile.folder, "restore", str(tmp_path / "h.csv"), code=1)
    assert f"{tmp_path / 'h.csv'} is no backup of musicdesk. Nothing was changed." in error and "repair" not in error


def test_on_the_command_line(whole: Profile, tmp_path: Path):
    profile = copy(whole, tmp_path)
    preview = ask(profile.folder, "backups", ask(profile.folder, "backups")["items"][0]["file"])
    assert (preview["then"]["rated"], preview["now"]["rated"]) == (OLD, OLD + NEW)
    assert preview["now"]["plays"] == NEW
    only = preview["difference"]
    assert (only["lost"]["ratings"], only["lost"]["plays"], only["back"]["ratings"]) == (NEW, NEW, 0)
    assert look(profile.catalog).rated == OLD + NEW
    spoil(profile.catalog, 90, 5)
    error = run(profile.folder, "rate", "3", "like", code=1)
    assert "damaged" in error and "restore --repair" in error and error.count("\n") == 1
    assert ask(profile.folder, "restore", "--repair")["contents"]["rated"] >= OLD
    run(profile.folder, "rate", "3", "like")
    assert ask(profile.folder, "restore", "--empty")["set_aside"]
    assert ask(profile.folder, "status")["tracks"]["total"] == 0
