"""Served in the killable child: what a track's sound has to tell, and what an encoder needs or makes of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from musicdesk.audio import listen
from musicdesk.audio.decode import opened
from musicdesk.audio.excerpts import excerpts
from musicdesk.audio.spectrogram import log_mel
from musicdesk.core.types import MelSpec
from musicdesk.encoders.brought import InputSpec

TARGET = "musicdesk.workflows.hear:hear"

Head = dict[str, Any]
Arrays = dict[str, np.ndarray]


def hear(request: Head) -> tuple[Head, Arrays]:
    """Hears one track with one encoder.

    request: `path` (os.fsdecode'd; absent: the encoder is only tried out), `known` (bool: all but the embedding is),
             `input` (None for the windows of our own encoders, else the fields of InputSpec), `model` (None, or
             `path, sha256, dim` of an ONNX model)
    returns: what `audio.listen.listen` does, or `windows` for a known track; with `input` of a known track neither.
             With `input` also the array `heard` float32 (n, frames, bands) or (n, samples); with `model` instead of it
             the array `vector` float32 (dim,)
    raises:  SoundError, SilentAudio, Unusable
    """
    spec, model = _spec(request["input"]), request["model"]
    if "path" not in request:
        return _tried(spec, model)
    if spec is None:
        return listen.windows(request) if request["known"] else listen.listen(request)
    head, arrays = ({}, {}) if request["known"] else listen.listen(request)
    with opened(os.fsencode(request["path"])) as source:
        sounds = excerpts(source, spec.rate_hz, spec.samples)
    heard = sounds if spec.mel is None else np.stack([log_mel(sound, spec.mel)[: spec.frames] for sound in sounds])
    if model is None:
        return head, {**arrays, "heard": heard}
    from musicdesk.encoders.onnx import track_vector

    return head, {**arrays, "vector": track_vector(Path(model["path"]), model["sha256"], model["dim"], heard)}


def _tried(spec: InputSpec | None, model: Head) -> tuple[Head, Arrays]:
    from musicdesk.encoders.onnx import try_out

    assert spec is not None
    window = (spec.samples,) if spec.mel is None else (spec.frames, spec.mel.bands)
    try_out(Path(model["path"]), model["sha256"], model["dim"], window)
    return {}, {}


def _spec(told: Head | None) -> InputSpec | None:
    if told is None:
        return None
    return InputSpec(told["rate_hz"], told["samples"], MelSpec(**told["mel"]) if told["mel"] else None, told["frames"])
