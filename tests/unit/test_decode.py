"""Files to sound: every format, and the files that kill decoders."""

from __future__ import annotations

import ast
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

import musicdesk.audio
from musicdesk.audio.contract import deadline_s
from musicdesk.audio.decode import SoundInfo, opened
from musicdesk.audio.gather import STRETCH_S, gather, mono_at, pieces, starts_of
from musicdesk.audio.overview import BIN_S
from musicdesk.audio.packing import LOUDEST, Block
from musicdesk.core.errors import SilentAudio, SoundError
from musicdesk.core.types import MelSpec
from tests.helpers.sound import CODECS, encode, float_wav, tones

SPEC = MelSpec()


def read(path: Path, at_s: float = 0.0, seconds: float = 1e6) -> tuple[SoundInfo, list[Block]]:
    with opened(os.fsencode(path)) as source:
        return source.info, list(source.blocks(at_s, seconds))


def seconds_of(blocks: list[Block]) -> float:
    return sum(block.seconds for block in blocks)


@pytest.mark.parametrize("kind", CODECS)
def test_every_format_gives_its_sound(kind: str, tmp_path: Path) -> None:
    rate = 48_000 if kind == "opus" else 44_100
    original = tones(3.0, rate)
    info, blocks = read(encode(tmp_path / f"a.{kind}", original, rate, kind))
    heard = np.concatenate([block.samples for block in blocks])
    assert (info.rate_hz, info.channels) == (rate, 2)
    assert seconds_of(blocks) == pytest.approx(3.0, abs=0.12)
    assert info.duration_s == pytest.approx(3.0, abs=0.12)
    assert heard.std() == pytest.approx(original.std(), rel=0.1)
    assert heard.dtype == np.float32


def test_lossless_formats_give_the_very_samples(tmp_path: Path) -> None:
    original = np.round(tones(1.0) * 32767).astype(np.int16)
    for kind in ("flac", "wav"):
        soundfile.write(str(tmp_path / f"a.{kind}"), original, 44_100, subtype="PCM_16")
        _, blocks = read(tmp_path / f"a.{kind}")
        heard = np.concatenate([block.samples for block in blocks])
        assert np.array_equal(np.round(heard * 32768).astype(np.int16), original)


@pytest.mark.parametrize("kind", ["m4a", "ogg", "opus", "wv", "flac"])
def test_eight_channels(kind: str, tmp_path: Path) -> None:
    info, blocks = read(encode(tmp_path / f"a.{kind}", tones(1.0, 48_000, 8), 48_000))
    assert info.channels == 8
    assert {block.samples.shape[1] for block in blocks} == {8}
    assert seconds_of(blocks) == pytest.approx(1.0, abs=0.06)


def test_decoder_frames_never_reach_numpy_unpacked() -> None:
    """PyAV's to_ndarray reads past the planes of frames with 8 channels."""
    folder = Path(musicdesk.audio.__file__).parent
    for path in folder.glob("*.py"):
        names = [node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)]
        assert "to_ndarray" not in names, path.name
        assert names.count("planes") == (1 if path.name == "packing.py" else 0), path.name
    assert "is_packed" in (folder / "packing.py").read_text()


def test_mono_is_the_mean_and_keeps_its_level() -> None:
    stereo = tones(1.0)
    mono = mono_at(Block(44_100, stereo), 44_100)
    assert np.allclose(mono, stereo.mean(axis=1), atol=1e-6)
    resampled = mono_at(Block(44_100, stereo), 22_050)
    assert len(resampled) == 22_050
    assert resampled.std() == pytest.approx(mono.std(), rel=0.1)


def test_channels_that_take_each_other_away_are_heard_by_the_loudest() -> None:
    """One channel turned upside down: their mean is silence, or what a lossy coder leaves of it."""
    one = tones(1.0)[:, :1]
    rest = 0.05 * np.random.default_rng(0).normal(size=one.shape).astype(np.float32) * one.std()
    for other, loudest in ((-one, one), (rest - one, None), (-1.1 * one, -1.1 * one)):
        mono = mono_at(Block(44_100, np.concatenate([one, other], axis=1)), 44_100)
        assert mono.std() == pytest.approx(one.std(), rel=0.15)
        assert loudest is None or np.array_equal(mono, loudest[:, 0])
    surround = np.zeros((44_100, 8), np.float32)
    surround[:, 5:6] = one  # what stands in one channel alone is the mean still, and so is what is wide
    for wide in (surround, np.concatenate([one, 0.5 * rest - 0.7 * one], axis=1)):
        channels = wide.shape[1]
        assert np.array_equal(mono_at(Block(44_100, wide), 44_100), wide @ np.full(channels, 1 / channels, np.float32))


def test_a_file_in_opposite_phase_is_no_silence_however_it_comes() -> None:
    one = tones(13.0)[:, :1]
    upside_down = np.concatenate([one, -one], axis=1)
    found = []
    for size in (65_536, 1_021, len(one)):
        blocks = [Block(44_100, upside_down[at : at + size]) for at in range(0, len(one), size)]
        found.append([mono_at(block, 22_050) for piece in pieces(blocks) for block in piece])
    for mine, whole, plain in zip(*found, strict=True):
        assert np.array_equal(mine, whole) and np.array_equal(whole, plain) and plain.std() > 0.01


def test_a_seek_lands_where_it_should(tmp_path: Path) -> None:
    """A ramp of loudness tells where the sound comes from."""
    count = 90 * 22_050
    ramp = (np.linspace(0, 1, count) * np.sin(np.arange(count) * 0.3))[:, None].astype(np.float32)
    for kind in ("flac", "ogg", "mp3", "wav"):
        path = encode(tmp_path / f"a.{kind}", ramp, 22_050)
        with opened(os.fsencode(path)) as source:
            for at in (60.0, 15.0, 80.0):
                blocks = list(source.blocks(at, 1.0))
                level = np.concatenate([block.samples for block in blocks]).std() * np.sqrt(2)
                assert level == pytest.approx(at / 90, abs=0.08 if kind == "mp3" else 0.03), (kind, at)


def test_not_finite_and_huge_samples_are_tamed(tmp_path: Path) -> None:
    wild = tones(1.0)
    wild[100], wild[200], wild[300] = np.nan, np.inf, 3e38
    _, blocks = read(float_wav(tmp_path / "wild.wav", wild))
    heard = np.concatenate([block.samples for block in blocks])
    assert np.isfinite(heard).all()
    assert np.abs(heard).max() == LOUDEST
    assert (heard[100] == 0).all()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.mp3", b"", "empty"),
        ("noise.flac", bytes(range(256)) * 40, ""),
        ("list.mp3", b"ffconcat version 1.0\nfile a.wav\n", "format"),
        ("list.m3u8", b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\na.wav\n#EXT-X-ENDLIST\n", "format"),
        ("head.wav", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\0\0\0\0\0\0\0\0\x04\0\x10\0data\0\0\0\0", ""),
    ],
)
def test_what_is_not_sound_says_so(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    encode(tmp_path / "a.wav", tones(1.0))  # a playlist must not open its sibling
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SoundError) as caught:
        read(tmp_path / name)
    assert words in str(caught.value) and str(caught.value).endswith(".")


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(SoundError, match="not there"):
        read(tmp_path / "gone.mp3")


def test_names_need_not_be_text(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\xfe \xe9%d:#.flac"
    shutil.copyfile(encode(tmp_path / "a.flac", tones(1.0)), path)
    with opened(path) as source:
        assert seconds_of(list(source.blocks(0, 9))) == pytest.approx(1.0)


def test_truncated_files_give_what_they_have(tmp_path: Path) -> None:
    for kind in ("flac", "mp3", "ogg", "wav"):
        path = encode(tmp_path / f"a.{kind}", tones(8.0))
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        _, blocks = read(path)
        assert 2.0 < seconds_of(blocks) < 6.5, kind


def test_a_header_that_lies_about_its_length_is_found_out(tmp_path: Path) -> None:
    """The header claims an hour, the file holds 20 s."""
    path = encode(tmp_path / "a.flac", tones(20.0))
    data = bytearray(path.read_bytes())
    at = data.index(b"fLaC") + 8 + 13  # low 36 bits of streaminfo's bytes 13..17: samples
    data[at] &= 0xF0
    data[at + 1 : at + 5] = (3600 * 44_100).to_bytes(4, "big")
    path.write_bytes(data)
    with opened(os.fsencode(path)) as source:
        assert source.info.duration_s == pytest.approx(3600)
        found = gather(source, SPEC)
    assert found.whole
    assert found.duration_s == pytest.approx(20.0, abs=0.1)


def test_a_file_that_does_not_state_its_length_is_counted(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.flac", tones(80.0, 22_050, 1), 22_050)
    data = bytearray(path.read_bytes())
    at = data.index(b"fLaC") + 8 + 13
    data[at] &= 0xF0
    data[at + 1 : at + 5] = bytes(4)
    path.write_bytes(data)
    with opened(os.fsencode(path)) as source:
        assert source.info.duration_s == pytest.approx(80.0, abs=0.3)
        assert not source.info.exact_duration
        assert not gather(source, SPEC).whole


def test_rate_and_channels_may_change_on_the_way(tmp_path: Path) -> None:
    first = encode(tmp_path / "a.mp3", tones(2.0, 44_100, 2), 44_100).read_bytes()
    second = encode(tmp_path / "b.mp3", tones(2.0, 22_050, 1), 22_050).read_bytes()
    joined = tmp_path / "c.mp3"
    joined.write_bytes(first + second)
    _, blocks = read(joined)
    assert {(44_100, 2), (22_050, 1)} <= {(block.rate_hz, block.samples.shape[1]) for block in blocks}
    with opened(os.fsencode(joined)) as source:
        found = gather(source, SPEC, whole=True)
    assert found.duration_s == pytest.approx(4.0, abs=0.2)
    heard = sum(len(stretch.mono) for stretch in found.stretches)
    assert heard == pytest.approx(found.duration_s * 22_050, rel=0.01)


def test_the_second_opinion(tmp_path: Path) -> None:
    """FFmpeg does not know Paris audio files; libsndfile does."""
    soundfile.write(str(tmp_path / "a.paf"), tones(2.0), 44_100, format="PAF", subtype="PCM_16")
    info, blocks = read(tmp_path / "a.paf")
    assert info.duration_s == pytest.approx(2.0, abs=0.1)
    assert seconds_of(blocks) == pytest.approx(2.0, abs=0.1)
    _, late = read(tmp_path / "a.paf", at_s=1.5)
    assert seconds_of(late) == pytest.approx(0.5, abs=0.1)


def test_silence_is_an_error_of_its_own(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.flac", np.zeros((44_100 * 2, 2), np.float32))
    with opened(os.fsencode(path)) as source, pytest.raises(SilentAudio):
        gather(source, SPEC)


def test_sound_outside_the_places_looked_at_is_found(tmp_path: Path) -> None:
    """62 s of silence, but for 2 s between two stretches."""
    samples = np.zeros((62 * 22_050, 1), np.float32)
    begin = starts_of(62.0, 12)[1] + STRETCH_S + 0.3
    end = starts_of(62.0, 12)[2] - 0.3
    samples[round(begin * 22_050) : round(end * 22_050)] = 0.5
    path = encode(tmp_path / "a.flac", samples, 22_050)
    with opened(os.fsencode(path)) as source:
        assert gather(source, SPEC).whole


def test_silence_before_a_track_moves_the_stretches_with_the_music(tmp_path: Path) -> None:
    music = np.maximum(np.abs(tones(90.0, 8_000, 1)), 1e-3)
    late = np.concatenate([np.zeros((9_600, 1), np.float32), music])
    found = []
    for name, samples in (("a.wav", music), ("b.wav", late)):
        with opened(os.fsencode(encode(tmp_path / name, samples, 8_000))) as source:
            found.append(gather(source, SPEC))
    for own, other in zip(found[0].stretches, found[1].stretches, strict=True):
        assert other.start_s == pytest.approx(own.start_s + 1.2, abs=1e-3)
        np.testing.assert_allclose(own.mono, other.mono, atol=1e-3)
    assert found[1].duration_s == pytest.approx(91.2, abs=0.01)


def test_stretches_are_bounded_and_spread(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.wav", tones(300.0, 8_000, 1), 8_000)
    with opened(os.fsencode(path)) as source:
        sought = gather(source, SPEC)
        whole = gather(source, SPEC, windows=8, whole=True)
    assert len(sought.stretches) == 6 and len(whole.stretches) == 4
    for found in (sought, whole):
        starts = [stretch.start_s for stretch in found.stretches]
        assert starts[0] == 0 and starts[-1] > 200 and np.all(np.diff(starts) > 30)


def test_pieces_lose_nothing() -> None:
    samples = tones(20.0)
    blocks = [Block(44_100, samples[at : at + 65_536]) for at in range(0, len(samples), 65_536)]
    cut = list(pieces(blocks))
    assert [len(piece) for piece in cut] == [1, 1, 1, 1]
    assert np.array_equal(np.concatenate([piece[0].samples for piece in cut]), samples)
    bins = STRETCH_S / BIN_S
    assert bins == pytest.approx(round(bins))  # else the overview would drift


def test_the_deadline_grows_with_the_length() -> None:
    assert deadline_s(None) == 20.0
    assert deadline_s(600.0) == pytest.approx(22.0)
    assert deadline_s(float("inf")) == 20.0
    assert deadline_s(-5.0) == 20.0
