"""Hear why: the stretch that two files share is found in both, and kept."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from musicdesk.cli.main import main
from musicdesk.core.errors import SoundError, Unusable
from musicdesk.core.progress import Silent
from musicdesk.core.types import TrackId
from musicdesk.workflows.analyze import analyze
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.hear_why import _groups, hear_why
from musicdesk.workflows.scan import scan
from tests.helpers.music import RATE, tone


def piece(seed: int, seconds: float) -> np.ndarray:
    """Noise of one colour with a beat of its own."""
    rng = np.random.default_rng(seed)
    noise = np.convolve(rng.normal(size=int(seconds * RATE)), np.ones(1 + 3 * seed) / (1 + 3 * seed), "same")
    beat = 0.5 + 0.5 * np.sin(2 * np.pi * (1 + seed) * np.arange(len(noise)) / RATE)
    return (0.2 * noise * beat).astype(np.float32)


def test_the_shared_stretch_is_found_in_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    music = tmp_path / "music"
    music.mkdir()
    shared = tone(330.0, 6.1)
    one = np.concatenate([shared, piece(1, 12.2), piece(2, 6.1)])
    two = np.concatenate([piece(5, 12.2), shared, piece(7, 6.1)])
    for name, samples in (("one", one), ("two", two)):
        soundfile.write(music / f"{name}.flac", samples, RATE)
    with open_desk(tmp_path / "p") as desk:
        scan(desk, [bytes(music)], Silent())
        analyze(desk, Silent())
        heard = hear_why(desk, TrackId(1), TrackId(2), Silent())
        assert heard.alike > 0.95
        assert heard.spans[0].start_s == pytest.approx(0.0, abs=0.1)
        assert heard.spans[1].start_s == pytest.approx(12.2, abs=0.1)
        assert all(span.end_s - span.start_s == pytest.approx(6.0) for span in heard.spans)
        kept = sorted((tmp_path / "p" / "cache" / "spans").glob("*.npz"))
        assert len(kept) == 2
        again = hear_why(desk, TrackId(2), TrackId(1), Silent())
        assert again.alike == pytest.approx(heard.alike) and again.spans == heard.spans[::-1]
        kept[0].write_bytes(b"nonsense")
        assert hear_why(desk, TrackId(1), TrackId(2), Silent()) == heard, "what is damaged is made again"
        with pytest.raises(Unusable, match="two different ones"):
            hear_why(desk, TrackId(1), TrackId(1), Silent())
        (music / "two.flac").write_bytes(b"no sound")
        with pytest.raises(SoundError):
            hear_why(desk, TrackId(1), TrackId(2), Silent())
    soundfile.write(music / "two.flac", two, RATE)
    assert main(["--profile", str(tmp_path / "p"), "hear-why", "1", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["track"] for each in told["spans"]] == [1, 2] and told["alike"] > 0.95


def test_windows_that_follow_each_other_make_a_span() -> None:
    groups = _groups(np.array([0.0, 3.02, 20.0, 23.02, 40.0]))
    assert [group.tolist() for group in groups] == [[0, 1], [2, 3], [4]]
