"""Song keys, what a path says, and telling moved files from new ones."""

from __future__ import annotations

import unicodedata

import pytest

from musicdesk.core.types import Tags
from musicdesk.library.identity import filled, song_key


def key(title: str, artist: str = "The Band") -> str:
    return song_key(Tags(title=title, artist=artist))


@pytest.mark.parametrize(
    "title",
    [
        *["Déjà Vu", "Deja vu", "DÉJÀ VU!", "Déjà Vu (Live at Home)", "Déjà Vu [Remastered]", "Déjà Vu (feat. Ann)"],
        *["Déjà Vu feat. Ann", "Déjà Vu ft. Ann & Bob", "Déjà Vu - Remastered 2011", "Déjà Vu - 2011 Remaster"],
        *["Déjà Vu - Live", "Déjà Vu (1999)", "Déjà Vu - 2004 Digital Remaster", "Déjà Vu - Live at Wembley, 1986"],
        *[
            "Déjà Vu 1999",
            "Déjà Vu (2011 - Remaster) [Bonus Track]",
            "Ｄéjà Vu",
            "Déjà Vu - Radio Edit",
            "Déjà Vu/live",
        ],
    ],
)
def test_versions_share_their_key(title: str) -> None:
    assert key(title) == "the band|deja vu"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        *[("Rock & Roll", "rock and roll"), ("Live and Let Die", "live and let die"), ("1999", "1999")],
        *[("Alive", "alive"), ("Summer of 69", "summer of 69"), ("(I Can't Get No)", "i cant get no")],
        *[("Live Forever", "live forever"), ("Defeat", "defeat"), ("Mixed Emotions", "mixed emotions")],
        *[("6 Ft Under", "6 ft under"), ("The Feat", "the feat"), ("Ft. Worth", "ft worth"), ("No One", "no one")],
        *[("[untitled]", "untitled"), ("Left - Right", "left right"), ("!!!", "!!!"), ("Remaster", "remaster")],
    ],
)
def test_titles_keep_what_is_theirs(title: str, expected: str) -> None:
    assert key(title) == f"the band|{expected}"


@pytest.mark.parametrize(
    ("ways", "expected"),
    [
        (("Wall (Part 2)", "Wall, Pt. 2", "Wall [Part II]", "Wall Part Two", "Wall - Pt. 02 (Live)"), "wall part 2"),
        (("Crazy (Parts I-V)", "Crazy, Pts. 1-5", "Crazy (Pts. I–V) [Remastered]"), "crazy part 1 5"),
        (("Songs (Volume 3)", "Songs Vol. 3", "Songs, Vol. III"), "songs vol 3"),
        (("Interlude (II)", "Interlude II"), "interlude ii"),
        (("Symphony No. 5: II. Andante", "Symphony No 5 - II Andante"), "symphony no 5 2 andante"),
        (("Song (No. 1 Mix)", "Song (Parting Mix)", "Song (Act Now Mix)", "Song (2)"), "song"),
        (("Opera (Act 1: The Storm)",), "opera act 1 the storm"),
        (("Suite, Pt. XXIX", "Suite (Part 29)"), "suite part 29"),
    ],
)
def test_the_pieces_of_one_work_are_songs_of_their_own(ways: tuple[str, ...], expected: str) -> None:
    assert {key(way) for way in ways} == {f"the band|{expected}"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *[("ガラス", "カラス"), ("ばら", "はら"), ("パス", "ハス"), ("ข้าว", "ขาว"), ("น้ำ", "นา"), ("ข้า", "ข่า")],
        *[("कुल", "कल"), ("कोमल", "कमल"), ("দিন", "দান"), ("গাড়ি", "গাডি"), ("ਦਿਲ", "ਦਲ"), ("કાલ", "કલ"), ("ତାଳ", "ତଳ")],
        *[("மணி", "மண்"), ("పాట", "పట"), ("ಮನೆ", "ಮನ"), ("മഴ", "മാഴ"), ("ගම", "ගාම"), ("ລາວ", "ລ່າວ"), ("កូន", "កាន")],
        *[("မိုး", "မီး"), ("བོད", "བད"), ("ދަން", "ދޯނި"), ("사랑", "사람")],
    ],
)
def test_signs_make_other_words(one: str, other: str) -> None:
    assert key(one) != key(other) and key("A", one) != key("A", other)
    for name in (one, other):
        assert key(name) == f"the band|{unicodedata.normalize('NFKC', name)}", "no word is cut apart"
        assert (
            key(f"{name} (Live) [Remastered 2011]")
            == key(f"{name} feat. {other}")
            == key(f"{name} - Live")
            == key(name)
        )
        assert key(unicodedata.normalize("NFD", name)) == key(name)


@pytest.mark.parametrize(
    ("ways", "expected"),
    [
        (("ガラス", "ｶﾞﾗｽ", "カ\u3099ラス"), "ガラス"),
        (("あ゛", "あ"), "あ"),
        (("사랑", "\u1109\u1161\u1105\u1161\u11bc"), "사랑"),
        (("Ελλάδα", "ΕΛΛΑΔΑ"), "ελλαδα"),
        (("Мой ёж", "МОИ ЕЖ"), "мои еж"),
        (("أُحِبُّكَ", "أحبك", "احبك"), "احبك"),
        (("شَرْق", "شرق"), "شرق"),
        (("می\u200cخواهم", "می خواهم"), "می خواهم"),
        (("שָׁלוֹם", "שלום"), "שלום"),
        (("ज़िंदगी", "जिंदगी"), "जिंदगी"),
        (("क्\u200dष", "क्\u200cष", "क्ष"), "क्ष"),
        (("ශ්\u200dරී", "ශ්රී"), "ශ්රී"),
        (("葛\U000e0100城", "葛城"), "葛城"),
        (("❤️", "❤"), "❤"),
        (("ส้ม - ตำ!", "ส้ม ตำ"), "ส้ม ตํา"),
        (("A ่ B", "A B"), "a b"),
    ],
)
def test_accents_points_and_joiners_do_not(ways: tuple[str, ...], expected: str) -> None:
    assert {key(way) for way in ways} == {f"the band|{expected}"}


def test_artists() -> None:
    assert key("A", "Simon & Garfunkel") == key("A", "Simon and Garfunkel")
    assert key("A", "Björk feat. Ann") == key("A", "Bjork")
    assert key("A", "Ann") != key("A", "Bob")
    assert song_key(Tags(title="A", album_artist="Ann")) == key("A", "Ann")


@pytest.mark.parametrize(
    ("title", "artist"), [("", "Ann"), ("A", ""), ("A", "Unknown Artist"), ("A", "Various Artists")]
)
def test_no_key_without_both(title: str, artist: str) -> None:
    assert key(title, artist) == ""


@pytest.mark.parametrize(
    ("path", "title", "artist", "album", "track", "disc"),
    [
        (b"Ann/Songs/03 - First.mp3", "First", "Ann", "Songs", 3, None),
        (b"Pop/Ann/Songs/03. First.mp3", "First", "Ann", "Songs", 3, None),
        (b"Ann/Songs/CD2/1-07 First.mp3", "First", "Ann", "Songs", 7, 1),
        (b"Ann/Songs/Disc 2/07 First.mp3", "First", "Ann", "Songs", 7, 2),
        (b"Ann - First.mp3", "First", "Ann", "", None, None),
        (b"Mixed/03 Ann - First.mp3", "First", "Ann", "", 3, None),
        (b"First.mp3", "First", "", "", None, None),
        (b"99.mp3", "99", "", "", None, None),
        (b"1999.mp3", "1999", "", "", None, None),
        (b"Unknown Artist/Songs/First", "First", "", "Songs", None, None),
        (b"Ann/Songs/\xff.mp3", "\ufffd", "Ann", "Songs", None, None),
        (b"99 Luftballons.mp3", "99 Luftballons", "", "", None, None),
        (b"21 Guns.mp3", "21 Guns", "", "", None, None),
        (b"Ann/Songs/12 First.mp3", "First", "Ann", "Songs", 12, None),
        (b"Ann/Songs/12 99 Luftballons.mp3", "99 Luftballons", "Ann", "Songs", 12, None),
        (b"Ann/Songs/50 Ways to Leave.mp3", "50 Ways to Leave", "Ann", "Songs", None, None),
        (b"24-7 Baby.mp3", "24-7 Baby", "", "", None, None),
        (b"Ann/Songs/12. 99 Luftballons.mp3", "99 Luftballons", "Ann", "Songs", 12, None),
        (b"Ann/Songs/12 - 21 Guns.mp3", "21 Guns", "Ann", "Songs", 12, None),
        (b"Ann/Songs/04 99 Luftballons.mp3", "99 Luftballons", "Ann", "Songs", 4, None),
        (b"Ann/Songs/2-11 First.mp3", "First", "Ann", "Songs", 11, 2),
        (b"Ann/Songs/011 First.mp3", "First", "Ann", "Songs", 11, None),
        (b"An\nn/So\tngs/03 Fir\n  st\x1b[31m.mp3", "Fir st [31m", "An n", "So ngs", 3, None),
        (b"Ann/Songs/.mp3", ".mp3", "Ann", "Songs", None, None),
    ],
)
def test_the_path_speaks_where_tags_are_silent(
    path: bytes, title: str, artist: str, album: str, track: int | None, disc: int | None
) -> None:
    assert filled(Tags(), path) == Tags(title=title, artist=artist, album=album, track_no=track, disc_no=disc)


def test_tags_come_before_the_path() -> None:
    tags = Tags(title="One", artist="Bob", album="Two", track_no=9)
    assert filled(tags, b"Ann/Songs/03 - First.mp3") == tags
    assert filled(Tags(title="One"), b"Ann/Songs/03 - First.mp3") == Tags(title="One", artist="Ann", album="Songs")
    assert filled(Tags(album_artist="Bob"), b"Ann/Songs/First.mp3").artist == "Bob"
