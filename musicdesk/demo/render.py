"""Makes one file of the demo library: composes, plays, encodes, tags. Runs in a child process."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, cast

import numpy as np

from musicdesk.core.files import write_with
from musicdesk.demo.compose import Character, compose
from musicdesk.demo.covers import SIDE, cover
from musicdesk.demo.mix import RATE, play
from musicdesk.demo.plan import TrackPlan
from musicdesk.demo.recipes import Style, recipes
from musicdesk.demo.score import Song

_BLOCK = 65_536  # frames; libsndfile's Vorbis encoder needs stack in proportion to what it is given
_VORBIS_LEVEL = 0.4  # 0 large .. 1 small


def render(request: dict[str, Any]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Served by the pool. `request` is a TrackPlan as JSON plus `folder`, where the library lies."""
    values = dict(request)
    target = Path(values.pop("folder")) / values["file"]
    plan = TrackPlan.of(values)
    write_track(plan, target)
    return {"size": target.stat().st_size}, {}


def song_of(plan: TrackPlan) -> Song:
    style = _style(plan.style)
    return compose(style, plan.lean, Character(plan.artist_seed), plan.seed, plan.seconds)


def write_track(plan: TrackPlan, target: Path) -> None:
    """Writes the whole file under another name, then moves it into place."""
    samples = play(song_of(plan), recipes())
    picture = cover(_style(plan.style).palette, plan.style, plan.album_seed)

    def make(temp: Path) -> None:
        _encode(samples, temp)
        _tag(plan, picture, temp)

    target.parent.mkdir(parents=True, exist_ok=True)
    write_with(target, make, mode=0o644)


def _style(file: str) -> Style:
    return next(style for style in recipes().styles if style.file == file)


def _encode(samples: np.ndarray, path: Path) -> None:
    import soundfile

    ogg = path.suffix == ".ogg"
    with soundfile.SoundFile(
        path,
        "w",
        RATE,
        samples.shape[1],
        subtype="VORBIS" if ogg else "PCM_16",
        format="OGG" if ogg else "FLAC",
        compression_level=_VORBIS_LEVEL if ogg else 0.5,
    ) as stream:
        for start in range(0, len(samples), _BLOCK):
            stream.write(samples[start : start + _BLOCK])


def _tag(plan: TrackPlan, picture: bytes, path: Path) -> None:
    from mutagen.flac import FLAC, Picture
    from mutagen.oggvorbis import OggVorbis

    front: Any = Picture()  # type: ignore[no-untyped-call]
    front.type, front.mime, front.desc, front.data = 3, "image/png", "Front cover", picture
    front.width, front.height, front.depth = SIDE, SIDE, 24
    audio: Any = (OggVorbis if path.suffix == ".ogg" else FLAC)(path)
    audio.update(_fields(plan))
    if isinstance(audio, FLAC):
        cast(Any, audio).add_picture(front)
    else:
        audio["metadata_block_picture"] = [base64.b64encode(front.write()).decode("ascii")]
    audio.save()


def _fields(plan: TrackPlan) -> dict[str, list[str]]:
    return {
        "title": [plan.title],
        "artist": [plan.artist],
        "albumartist": [plan.artist],
        "album": [plan.album],
        "genre": [plan.genre],
        "date": [str(plan.year)],
        "tracknumber": [str(plan.track_no)],
        "tracktotal": [str(plan.track_total)],
        "grouping": list(plan.tags),
        "comment": ["Composed and played by musicdesk for its demo. No rights reserved."],
    }
