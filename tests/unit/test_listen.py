"""One decode gives everything; identity outlives tags; hostile files cost themselves only."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile
from mutagen.flac import Picture
from mutagen.id3 import APIC, TIT2
from mutagen.mp4 import MP4Cover

from musicdesk.audio.descriptors import DESCRIPTOR_NAMES
from musicdesk.audio.listen import MEMORY_BYTES, identity, listen, waveform
from musicdesk.core.errors import SilentAudio, SoundError
from musicdesk.core.killable import Fate, Pool
from tests.helpers.sound import encode, float_wav, tones

HEAD = {
    *("duration_s", "rate_hz", "channels", "codec", "audio_hash", "tempo", "tempo_confidence", "loudness_lufs"),
    *("gain_db", "peak", "key", "key_confidence", "whole", "waveform_exact"),
}
COVER = os.urandom(200_000)


def hear(path: Path, **request: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    return listen({"path": str(path), **request})


def check(head: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    assert set(head) == HEAD
    assert all(np.isfinite(value) for value in head.values() if isinstance(value, float))
    assert arrays["mel"].dtype == np.float16 and arrays["mel"].shape[1:] == (130, 128) and len(arrays["mel"]) > 0
    assert np.isfinite(arrays["mel"]).all() and arrays["mel"].min() >= 0
    assert arrays["descriptors"].shape == (len(DESCRIPTOR_NAMES),) and np.isfinite(arrays["descriptors"]).all()
    assert arrays["waveform"].shape == (600,) and arrays["waveform"].dtype == np.uint8


@pytest.mark.parametrize("seconds", [0.05, 2.0, 7.0, 30.0])
def test_short_tracks_are_heard_whole(seconds: float, tmp_path: Path) -> None:
    head, arrays = hear(encode(tmp_path / "a.flac", tones(seconds, 22_050, 1), 22_050))
    check(head, arrays)
    assert head["whole"] and head["waveform_exact"]
    assert head["duration_s"] == pytest.approx(seconds, abs=0.01)
    assert len(arrays["mel"]) == max(1, int(seconds / 6.1) * 2 + (seconds % 6.1 >= 3.1))


def test_long_tracks_are_heard_in_windows(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.flac", tones(100.0, 22_050, 2), 22_050)
    head, arrays = hear(path)
    check(head, arrays)
    assert not head["whole"] and not head["waveform_exact"]
    assert len(arrays["mel"]) == 12
    assert len(hear(path, windows=5)[1]["mel"]) == 5
    whole, everything = hear(path, whole=True)
    assert whole["whole"] and len(everything["mel"]) == 32
    exact, overview = waveform({"path": str(path)})
    assert exact["duration_s"] == pytest.approx(100.0)
    assert exact["loudness_lufs"] == pytest.approx(head["loudness_lufs"], abs=1.0)
    assert np.array_equal(overview["waveform"], everything["waveform"])


def test_the_same_file_gives_the_same_bits(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp3", tones(70.0, 22_050, 1), 22_050)
    (head, one), (again, two) = hear(path), hear(path)
    assert head == again
    assert all(np.array_equal(one[name], two[name]) for name in one)


@pytest.mark.parametrize("silence_s", [1.2, 10.0])
@pytest.mark.parametrize("seconds", [7.0, 30.0, 59.5, 90.0])
def test_silence_in_front_changes_little(seconds: float, silence_s: float, tmp_path: Path) -> None:
    """Nothing at all of a short track, also of one that is a long one with the silence; of a long one what seeks, which
    end at the nearest packet, do."""
    sound = tones(seconds, 22_050, 1)
    sound[:100] = 0.1  # the music begins at once
    head, plain = hear(encode(tmp_path / "a.flac", sound, 22_050))
    later = np.concatenate([np.zeros((round(silence_s * 22_050), 1), np.float32), sound])
    moved_head, moved = hear(encode(tmp_path / "b.flac", later, 22_050))
    assert moved_head["duration_s"] == pytest.approx(head["duration_s"] + silence_s)
    assert moved_head["whole"] == head["whole"] == (seconds < 60)
    one, two = (found["mel"].astype(np.float64) for found in (plain, moved))
    if head["whole"]:
        assert np.abs(one - two).mean() < 2e-3
    one, two = (mel.mean(axis=(0, 1)) for mel in (one, two))
    assert one @ two / np.linalg.norm(one) / np.linalg.norm(two) > 0.997


def test_hours_of_silence_in_front_are_passed_over_in_bounded_memory(tmp_path: Path) -> None:
    """Nothing says how long it is, so it is read from end to end."""
    path = tmp_path / "late.wav"
    with soundfile.SoundFile(path, "w", 8_000, 1, "FLOAT") as file:
        for _ in range(60):
            file.write(np.zeros(8_000 * 60, np.float32))
        file.write(tones(20.0, 8_000, 1))
    head, arrays = hear(path, whole=True)
    assert head["duration_s"] == pytest.approx(3_620.0) and len(arrays["mel"]) == 6
    assert arrays["mel"].max(axis=(1, 2)).min() > 0.1, "a silent window was kept"


def test_what_is_all_but_silent_is_heard(tmp_path: Path) -> None:
    """Quieter than a silent beginning, and all there is."""
    path = float_wav(tmp_path / "faint.wav", 5e-5 * tones(20.0, 22_050, 1), 22_050)
    check(*hear(path))


def test_silent_and_wild_files(tmp_path: Path) -> None:
    with pytest.raises(SilentAudio):
        hear(float_wav(tmp_path / "silent.wav", np.full((44_100, 2), 1e-7, np.float32)))
    with pytest.raises(SoundError):
        hear(float_wav(tmp_path / "none.wav", np.empty((0, 2), np.float32)))
    wild = tones(3.0)
    wild[::100] = np.nan
    wild[7::1000] = 3e38
    wild[9::1000] = -np.inf
    check(*hear(float_wav(tmp_path / "wild.wav", wild)))
    with pytest.raises(SilentAudio):
        hear(float_wav(tmp_path / "nan.wav", np.full((44_100, 2), np.nan, np.float32)))


def retag(path: Path, large: bool) -> None:
    """Writes a title, and with `large` a cover of 200 kB."""
    file = mutagen.File(path)
    picture = Picture()
    picture.data, picture.mime = COVER, "image/png"
    if path.suffix in (".mp3", ".wav"):
        if file.tags is None:
            file.add_tags()
        file.tags.add(TIT2(encoding=3, text="another title"))
        if large:
            file.tags.add(APIC(encoding=3, mime="image/png", type=3, desc="", data=COVER))
    elif path.suffix == ".m4a":
        file["\xa9nam"] = "another title"
        file.update({"covr": [MP4Cover(COVER)]} if large else {})
    else:
        file["title"] = "another title"
        if large and path.suffix == ".flac":
            file.add_picture(picture)
        elif large:
            file["metadata_block_picture"] = [base64.b64encode(picture.write()).decode()]
    file.save()


@pytest.mark.parametrize("kind", ["mp3", "flac", "ogg", "opus", "m4a", "wav"])
def test_identity_outlives_retagging_and_moving(kind: str, tmp_path: Path) -> None:
    path = encode(tmp_path / f"a.{kind}", tones(8.0, 48_000), 48_000)
    first = hear(path)[0]["audio_hash"]
    assert len(first) == 32
    for number, change in enumerate((lambda p: retag(p, False), lambda p: retag(p, True), _untag)):
        copy = tmp_path / f"moved {number}.{kind}"
        shutil.copyfile(path, copy)
        change(copy)
        assert identity({"path": str(copy)})[0]["audio_hash"] == first
        assert hear(copy)[0]["audio_hash"] == first


def _untag(path: Path) -> None:
    retag(path, True)
    mutagen.File(path).delete()
    if path.suffix == ".mp3":  # and an ID3v1 tag at the end
        path.write_bytes(path.read_bytes() + b"TAG" + b"old title".ljust(125, b"\0"))


def test_mp3_without_a_stated_length_keeps_its_identity(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp3", tones(8.0))
    data = path.read_bytes()
    at = max(data.find(b"Xing"), data.find(b"Info"))
    path.write_bytes(data[data.find(b"\xff\xfb", at) :])
    bare = identity({"path": str(path)})[0]["audio_hash"]
    retag(path, True)
    assert identity({"path": str(path)})[0]["audio_hash"] == bare


def test_other_sound_has_another_identity(tmp_path: Path) -> None:
    sounds = [tones(8.0, seed=1), tones(8.0, seed=2), tones(9.0, seed=1), tones(8.0, seed=1)[:, :1]]
    hashes = [hear(encode(tmp_path / f"{number}.flac", sound))[0]["audio_hash"] for number, sound in enumerate(sounds)]
    assert len(set(hashes)) == len(sounds)


def test_a_tiny_difference_in_the_sound_is_another_identity(tmp_path: Path) -> None:
    sound = tones(8.0)
    one = hear(encode(tmp_path / "a.flac", sound))[0]["audio_hash"]
    sound[44_100 * 3] += 0.01
    assert hear(encode(tmp_path / "b.flac", sound))[0]["audio_hash"] != one


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_child_stays_small(tmp_path: Path) -> None:
    """Neither librosa nor torch nor scipy.signal is imported, and a long file costs no more than a song."""
    sound = tones(10.0, 8_000, 1)
    paths = [encode(tmp_path / f"{n}.flac", np.tile(sound, (n, 1)), 8_000) for n in (7, 120)]
    code = (
        "import sys; from musicdesk.audio.listen import listen;"
        "most = lambda: open('/proc/self/status').read().split('VmHWM:')[1].split()[0];"
        "[(listen({'path': p}), print(most())) for p in sys.argv[1:]];"
        "print([m for m in ('librosa', 'torch', 'scipy.signal', 'sklearn', 'PySide6') if m in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *map(str, paths)], capture_output=True, text=True, check=True, timeout=60
    )
    song, long, heavy = ran.stdout.splitlines()
    assert heavy == "[]"
    assert int(long) < 1.2 * int(song)
    assert int(song) < 160 * 1024  # kB


@pytest.mark.real
def test_real_music(real_music: Path) -> None:
    paths = sorted(path for path in real_music.rglob("*") if path.is_file())
    with Pool("musicdesk.audio.listen:listen", 2, MEMORY_BYTES) as pool:
        answers = list(pool.run([{"path": str(path)} for path in paths], 30.0))
    assert len(answers) == len(paths) > 20
    hashes = set()
    for request, answer in answers:
        assert answer.fate is Fate.OK, (request, answer.text)
        check(answer.head, answer.arrays)
        assert -40 < answer.head["loudness_lufs"] < 0
        hashes.add(answer.head["audio_hash"])
    assert len(hashes) == len(paths)


@pytest.mark.real
@pytest.mark.parametrize("served", ["listen", "identity", "waveform"])
def test_hostile_files_cost_themselves_only(served: str, hostile: Path) -> None:
    """Each of the odd files gets exactly one answer; the errors are sentences; nothing hangs the parent."""
    paths = sorted(hostile.iterdir())
    with Pool(f"musicdesk.audio.listen:{served}", 2, MEMORY_BYTES) as pool:
        answers = list(pool.run([{"path": str(path)} for path in paths], 10.0))
    assert sorted(request["path"] for request, _ in answers) == sorted(map(str, paths))
    for request, answer in answers:
        assert answer.fate is Fate.OK or answer.text.endswith("."), (request, answer)
        assert answer.kind in ("", "SoundError", "SilentAudio") or answer.fate in (Fate.CRASH, Fate.HANG)
        if answer.fate is Fate.OK and served == "listen":
            check(answer.head, answer.arrays)
    heard = {Path(request["path"]).name for request, answer in answers if answer.fate is Fate.OK}
    assert {"own-aac71.m4a", "own-opus71.opus", "own-vorbis71.ogg", "own-wv71.wv"} <= heard
    assert "own-concat-rel.mp3" not in heard
