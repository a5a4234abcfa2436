"""Small real music files with tags, in every format that can be written here."""

from __future__ import annotations

import base64
import struct
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile
from mutagen.aiff import AIFF
from mutagen.asf import ASF, ASFByteArrayAttribute
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, ID3, TALB, TCON, TDRC, TIT2, TPE1, TPE2, TPOS, TRCK
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.trueaudio import TrueAudio
from mutagen.wave import WAVE
from mutagen.wavpack import WavPack

RATE = 48_000
_SOUNDFILE = {"wav": ("WAV", "PCM_16"), "aiff": ("AIFF", "PCM_16"), "flac": ("FLAC", "PCM_16"), "mp3": ("MP3", None)}
_SOUNDFILE["ogg"] = ("OGG", "VORBIS")
_LIBAV = {"m4a": ("mp4", "aac"), "opus": ("ogg", "libopus"), "wv": ("wv", "wavpack"), "wma": ("asf", "wmav2")}
_LIBAV["tta"] = ("tta", "tta")
_LIBAV["alac.m4a"] = ("ipod", "alac")
FORMATS = (*_SOUNDFILE, *_LIBAV)


def png() -> bytes:
    """A picture of one red pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")
    )


def make_sound(path: Path, pitch_hz: float = 440.0, seconds: float = 1.0) -> Path:
    """A tone; the format follows the ending of the name. Unlike pitches are unlike sounds."""
    at = np.arange(round(RATE * seconds)) / RATE
    tone = (0.3 * np.sin(2 * np.pi * pitch_hz * at)).astype(np.float32)
    ending = next(e for e in sorted(FORMATS, key=len, reverse=True) if path.name.endswith(f".{e}"))
    if ending in _SOUNDFILE:
        container, subtype = _SOUNDFILE[ending]
        soundfile.write(path, tone, RATE, format=container, subtype=subtype)
        return path
    container, codec = _LIBAV[ending]
    with av.open(str(path), "w", format=container) as out:
        stream: Any = out.add_stream(codec, rate=RATE, layout="mono", bit_rate=64_000)
        wanted = stream.format.name if stream.format else "s16"
        frame = av.AudioFrame.from_ndarray((tone * 32767).astype(np.int16)[None], format="s16", layout="mono")
        frame.rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        resampler = av.AudioResampler(format=wanted, layout="mono", rate=RATE, frame_size=stream.frame_size or 4096)
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return path


def set_tags(path: Path, cover: bytes = b"", **texts: str) -> None:
    """Writes title, artist, album, album_artist, genre, year, track_no, disc_no in the way of the format."""
    name = path.name
    if name.endswith((".mp3", ".wav", ".aiff", ".tta")):
        _set_id3(path, cover, texts)
    elif name.endswith(".m4a"):
        _set_mp4(path, cover, texts)
    elif name.endswith(".wma"):
        _set_asf(path, cover, texts)
    elif name.endswith(".wv"):
        opened = WavPack(path)
        for field, key in _APE.items():
            if field in texts:
                opened[key] = texts[field]
        opened.save()
    else:
        _set_comments(path, cover, texts)


_APE = {
    "title": "Title",
    "artist": "Artist",
    "album": "Album",
    "album_artist": "Album Artist",
    "genre": "Genre",
    "year": "Year",
    "track_no": "Track",
    "disc_no": "Disc",
}
_COMMENTS = {
    "title": "title",
    "artist": "artist",
    "album": "album",
    "album_artist": "albumartist",
    "genre": "genre",
    "year": "date",
    "track_no": "tracknumber",
    "disc_no": "discnumber",
}
_FRAMES = {
    "title": TIT2,
    "artist": TPE1,
    "album": TALB,
    "album_artist": TPE2,
    "genre": TCON,
    "year": TDRC,
    "track_no": TRCK,
    "disc_no": TPOS,
}
_ASF = {
    "title": "Title",
    "artist": "Author",
    "album": "WM/AlbumTitle",
    "album_artist": "WM/AlbumArtist",
    "genre": "WM/Genre",
    "year": "WM/Year",
    "track_no": "WM/TrackNumber",
    "disc_no": "WM/PartOfSet",
}
_MP4 = {
    "title": "\xa9nam",
    "artist": "\xa9ART",
    "album": "\xa9alb",
    "album_artist": "aART",
    "genre": "\xa9gen",
    "year": "\xa9day",
    "track_no": "trkn",
    "disc_no": "disk",
}


def _set_id3(path: Path, cover: bytes, texts: dict[str, str]) -> None:
    kinds: dict[str, Any] = {".mp3": MP3, ".wav": WAVE, ".aiff": AIFF, ".tta": TrueAudio}
    opened = kinds[path.suffix](path)
    if opened.tags is None:
        opened.add_tags()
    tags: ID3 = opened.tags
    for field, text in texts.items():
        tags.add(_FRAMES[field](encoding=3, text=[text]))
    if cover:
        tags.add(APIC(encoding=3, mime="image/png", type=3, desc="", data=cover))
    opened.save()


def _set_mp4(path: Path, cover: bytes, texts: dict[str, str]) -> None:
    opened = MP4(path)
    for field, text in texts.items():
        numbers = tuple(int(part) for part in text.split("/")) if field.endswith("_no") else ()
        opened[_MP4[field]] = [(*numbers, 0)[:2]] if numbers else [text]
    if cover:
        opened["covr"] = [MP4Cover(cover, MP4Cover.FORMAT_PNG)]
    opened.save()


def _set_asf(path: Path, cover: bytes, texts: dict[str, str]) -> None:
    opened = ASF(path)
    for field, text in texts.items():
        opened[_ASF[field]] = [text]
    if cover:
        block = b"\x03" + struct.pack("<I", len(cover)) + "image/png\0\0".encode("utf-16-le") + cover
        opened["WM/Picture"] = [ASFByteArrayAttribute(block)]
    opened.save()


def _set_comments(path: Path, cover: bytes, texts: dict[str, str]) -> None:
    kinds: dict[str, Any] = {".flac": FLAC, ".ogg": OggVorbis, ".opus": OggOpus}
    opened = kinds[path.suffix](path)
    for field, text in texts.items():
        opened[_COMMENTS[field]] = text
    if cover:
        picture: Any = Picture()
        picture.type, picture.mime, picture.data = 3, "image/png", cover
        if path.suffix == ".flac":
            opened.add_picture(picture)
        else:
            opened["metadata_block_picture"] = base64.b64encode(picture.write()).decode()
    opened.save()
