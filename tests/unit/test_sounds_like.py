"""Tags from vectors: planted directions come back as words, no surer than they are; what does not fit is refused."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from musicdesk.cli import main as face
from musicdesk.core.errors import NotFound
from musicdesk.core.paths import shipped_models
from musicdesk.core.rows import spread
from musicdesk.core.types import TrackId
from musicdesk.encoders.tags import TagHead, beside, read_tags
from musicdesk.encoders.weights import read_card
from musicdesk.workflows.desk import Desk, open_desk
from musicdesk.workflows.layers import layers, paint
from musicdesk.workflows.sounds_like import columns, library, matching, sounding, spoken, tag_names, tags_of, voices
from tests.helpers.big_catalog import fill
from tests.helpers.tag_head import NAME, TAGS, give_tags, plant, vector, write

SOUNDS = (
    vector(piano=0.6, no_vocals=0.6),  # surely
    vector(piano=0.42, jazz=0.6, female_voice=0.6),  # maybe piano; jazz that agrees too little to be sure
    vector(rock=0.6, guitar=0.55, female_voice=0.4, no_vocals=0.4),  # nobody knows whether it is sung
    vector(),
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    give_tags(tmp_path / "models", monkeypatch)
    with open_desk(tmp_path / "p") as opened:
        ids = fill(opened.catalog, 6, "")  # the last two were not listened to
        plant(opened.catalog, opened.encoder, ids[:4], SOUNDS)
        yield opened


def read(path: Path, **card: object) -> TagHead | None:
    known = read_card(shipped_models(), NAME)
    return read_tags(path, str(card.get("sha256", known.sha256)), int(str(card.get("dim", known.dim))))


def test_probabilities_are_the_logistic_function_of_one_product(tmp_path: Path) -> None:
    told = read(write(tmp_path))
    assert told is not None and told.names == tuple(name for name, _kind, _agreement in TAGS)
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(50, told.dim)).astype(np.float32) * 9.0  # far beyond any unit vector
    found = told.probabilities(vectors)
    assert found.dtype == np.float32 and found.shape == (50, len(TAGS))
    assert np.allclose(found, expit(vectors.astype(float) @ told.weight + told.bias), atol=1e-5)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"sha256": "0" * 64}, "other weights"),
        ({"names": "[1]"}, "names"),
        ({"names": "no json"}, "names"),
        ({"kinds": '["genre"]'}, "one length"),
        ({"agreement": json.dumps([2.0] * len(TAGS))}, "cannot be"),
        ({"agreement": "[" * 9_000}, "agreement"),
        ({"names": json.dumps(["Rock", "rock", *"abcde"])}, "different words"),
        ({"names": json.dumps(["a\nb", *"bcdefg"])}, "different words"),
    ],
)
def test_tags_that_do_not_fit_are_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, facts: dict[str, str], says: str
) -> None:
    with caplog.at_level(logging.WARNING):
        assert read(write(tmp_path, **facts)) is None
    assert says in caplog.text
    caplog.clear()


def test_damaged_files_and_other_lengths_are_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write(tmp_path)
    whole = path.read_bytes()
    assert read(path, dim=161) is None
    for blob in (b"", whole[:40], whole[:-4], b"\xff" * 64):
        path.write_bytes(blob)
        assert read(path) is None
    assert caplog.text.count("are not used") == 5
    caplog.clear()
    path.unlink()
    assert read(path) is None and not caplog.text, "most encoders have none, which is no fault"


def test_a_track_is_told_in_words_no_surer_than_they_are(desk: Desk) -> None:
    ids = [TrackId(int(track)) for track in desk.catalog.browse.everything()]
    assert [spoken(tags_of(desk, track)) for track in ids] == [
        "piano, no voice",
        "maybe jazz, maybe piano, female voice",
        "rock, guitar",
        "",
        "",
        "",
    ]
    likely = {tag.name: tag.probability for tag in tags_of(desk, ids[0])}
    assert likely["voice"] + likely["no voice"] == pytest.approx(1.0)
    assert "no vocals" not in likely, "voice is told once"
    assert tags_of(desk, ids[5]) == ()


def test_tracks_are_found_by_what_they_sound_like(desk: Desk) -> None:
    ids = desk.catalog.browse.everything()[::-1]
    one, two, three = (int(track) for track in ids[::-1][:3])
    assert sounding(desk, ids, ["piano"]).tolist() == [one, two], "the likeliest first"
    assert sounding(desk, ids, ["piano"], ranked=False).tolist() == [two, one], "as they came"
    assert sounding(desk, ids, ["PIA", "jazz"]).tolist() == [two]
    assert sounding(desk, ids, ["no-voice"]).tolist() == [one]
    assert sounding(desk, ids, ["female"]).tolist() == [two]
    assert sounding(desk, ids, ["guitar"]).tolist() == [three]
    assert sounding(desk, ids, ["tuba"]).tolist() == sounding(desk, ids, ["calm"]).tolist() == []
    assert sounding(desk, ids, []).tolist() == ids.tolist()
    with pytest.raises(NotFound, match="'tuba'; there are jazz, rock"):
        matching(desk, ["piano", "tuba"])


def test_a_typed_word_means_the_nearest_tags() -> None:
    names = ("voice", "no voice", "female voice", "hip-hop", "hard rock", "rock")
    assert [columns(names, word) for word in ("voice", "VOI", "rock", "hip hop", "ha", "vo", "fem", "", "x")] == [
        *([0], [0], [5], [3], [4], [0], [2], [], [])
    ]
    assert columns(("classic rock", "hard rock"), "rock") == [0, 1]


def test_what_was_kept_is_made_anew_when_a_track_is_heard(desk: Desk) -> None:
    before = library(desk)
    assert before is not None and before is library(desk) and len(before.ids) == 4
    last = desk.catalog.browse.everything()[-1:]
    plant(desk.catalog, desk.encoder, last, [vector(calm=0.6)])
    after = library(desk)
    assert after is not None and len(after.ids) == 5
    assert sounding(desk, last, ["calm"]).tolist() == last.tolist()


def test_the_map_can_be_coloured_by_it(desk: Desk) -> None:
    ids = desk.catalog.browse.everything()
    assert {"sounds-like", "voice"} < set(layers(desk))
    by_genre = paint(desk, "sounds-like", ids)
    assert [by_genre.legend.entries[code].label for code in by_genre.codes] == ["Other", "jazz", "rock", *["Other"] * 3]
    sung = voices(desk, ids)
    assert sung[0] < 10 and sung[1] > 90 and sung[2] == pytest.approx(50) and np.isnan(sung[4:]).all()
    by_voice = paint(desk, "voice", ids)
    told = [by_voice.legend.entries[code].label for code in by_voice.codes]
    assert told[:2] == ["Likely instrumental", "Likely sung"] and told[4] == "Unknown"
    assert (by_voice.legend.low, by_voice.legend.high) == ("instrumental", "sung")


@pytest.fixture
def silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The encoder in use tells no tags."""
    give_tags(tmp_path / "models", monkeypatch)
    beside(tmp_path / "models", NAME).unlink()
    with open_desk(tmp_path / "p") as opened:
        fill(opened.catalog, 4, opened.encoder)
        yield opened


def test_an_encoder_without_tags_is_whole_without_them(silent: Desk) -> None:
    ids = silent.catalog.browse.everything()
    assert tag_names(silent) == [] and library(silent) is None and tags_of(silent, TrackId(int(ids[0]))) == ()
    assert sounding(silent, ids, ["piano"]).tolist() == []
    assert not {"sounds-like", "voice"} & set(layers(silent))
    matching(silent, ["piano"])


def test_an_encoder_that_has_gone_tells_nothing_by_the_tags_of_another(desk: Desk) -> None:
    ids = desk.catalog.browse.everything()
    desk.catalog.encoders.use("gone", "gone-0123456789-abcdef", chosen=True)
    plant(desk.catalog, "gone-0123456789-abcdef", ids[:1], [SOUNDS[0]])
    assert tag_names(desk) == [] and tags_of(desk, TrackId(int(ids[0]))) == ()


def ask(profile: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert face.main(["--profile", str(profile), "tags", *words]) == 0
    return capsys.readouterr().out


def test_the_command_tells_a_track_the_library_and_lists(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = str(desk.catalog.browse.everything()[0])
    told = json.loads(ask(tmp_path / "p", capsys, first, "--json"))
    assert told["sounds_like"] == "piano, no voice" and told["tags"][0]["name"] in ("piano", "no voice")
    assert "sounds like: piano, no voice" in ask(tmp_path / "p", capsys, first)
    overview = json.loads(ask(tmp_path / "p", capsys, "--json"))
    assert overview["tracks"] == 4 and not overview["why_not"]
    counts = {tag["name"]: tag["tracks"] for tag in overview["tags"]}
    assert counts["piano"] == 2 and counts["no voice"] == 1 and counts["calm"] == 0
    assert "agreement" in ask(tmp_path / "p", capsys)
    listed = json.loads(ask(tmp_path / "p", capsys, "--sounds", "piano", "--json"))
    assert [item["sounds_like"].partition(",")[0] for item in listed["items"]] == ["piano", "maybe jazz"]


def test_the_command_says_where_nothing_is_told(silent: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    profile = silent.profile.folder
    assert "does not tell tags" in ask(profile, capsys)
    assert json.loads(ask(profile, capsys, "1", "--json"))["tags"] == []
    assert json.loads(ask(profile, capsys, "--sounds", "piano", "--json"))["items"] == []


def test_values_are_spread_over_other_ids() -> None:
    found = spread(np.array([2, 5, 9]), np.array([1.0, 2.0, 3.0]), np.array([9, 1, 5, 99]))
    assert np.array_equal(found, [3.0, np.nan, 2.0, np.nan], equal_nan=True)
    assert np.isnan(spread(np.empty(0, np.int64), np.empty(0), np.array([1]))).all()
