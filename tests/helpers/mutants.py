"""Sound files spoiled as bad disks, bad programs and bad people spoil them; the same seed gives the same file."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.helpers.sound import CODECS, encode, tones

MOST = 1 << 20  # bytes of an original that are used, so that thousands of mutants fit on a disk
WORST = (0, 1, 0x7F, 0xFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
HEAD = 256  # where headers lie


def originals(place: Path, others: Path | None = None) -> list[tuple[str, bytes]]:
    """(ending, content) of one file per format, written to `place`, and of the files in `others`."""
    made = [encode(place / f"own.{kind}", tones(1.0, 48_000), 48_000, kind) for kind in CODECS]
    found = sorted(path for path in others.iterdir() if path.is_file()) if others else []
    return [(path.suffix.lower(), path.read_bytes()[:MOST]) for path in (*made, *found) if path.suffix != ".tsv"]


def mutant(known: Sequence[tuple[str, bytes]], number: int, seed: int) -> tuple[str, bytes, str]:
    """The mutant of that number: its ending, its content, and what was done to it."""
    draw = random.Random(f"{seed}:{number}")
    ending, content = draw.choice(known)
    data, done = bytearray(content), []
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        way = draw.choice(WAYS)
        way(data, draw, known)
        done.append(way.__name__.strip("_"))
    if draw.random() < 0.1 or len(ending) > 6 or not ending:
        ending = draw.choice(known)[0] or ".mp3"
    return ending, bytes(data[: 2 * MOST]), "+".join(done)


Known = Sequence[tuple[str, bytes]]


def _flip_bits(data: bytearray, draw: random.Random, _known: Known) -> None:
    for _ in range(draw.choice((1, 4, 32, 256))):
        if data:
            data[draw.randrange(min(len(data), draw.choice((HEAD, len(data)))))] ^= 1 << draw.randrange(8)


def _lie_about_sizes(data: bytearray, draw: random.Random, _known: Known) -> None:
    """Numbers of a header become the worst there are."""
    for _ in range(draw.choice((1, 2, 8))):
        at = draw.randrange(min(len(data), HEAD) + 1)
        form = draw.choice(("<I", ">I", "<H", ">H", "<Q", ">Q"))
        size = struct.calcsize(form)
        data[at : at + size] = struct.pack(form, draw.choice(WORST) % (1 << (8 * size)))


def _cut_off(data: bytearray, draw: random.Random, _known: Known) -> None:
    del data[draw.choice((0, draw.randrange(64), draw.randrange(len(data) + 1))) :]


def _cut_out(data: bytearray, draw: random.Random, _known: Known) -> None:
    at = draw.randrange(len(data) + 1)
    del data[at : at + draw.choice((1, 7, 512, 4096, len(data) // 2))]


def _repeat(data: bytearray, draw: random.Random, _known: Known) -> None:
    at = draw.randrange(len(data) + 1)
    part = bytes(data[at : at + draw.choice((16, 512, 4096))])
    data[at:at] = part * draw.choice((1, 3, 64))


def _spoil(data: bytearray, draw: random.Random, _known: Known) -> None:
    """A block of zeros or noise, as a bad sector gives."""
    at, size = draw.randrange(len(data) + 1), draw.choice((64, 512, 4096))
    size = min(size, len(data) - at)
    data[at : at + size] = draw.choice((bytes(size), draw.randbytes(size), b"\xff" * size))


def _splice(data: bytearray, draw: random.Random, known: Known) -> None:
    """The head of another file before the body of this one, or this one's head before another's body."""
    other, at = draw.choice(known)[1], draw.choice((4, 12, 64, HEAD, 4096))
    data[:] = draw.choice((other[:at] + data[at:], data[:at] + other[at:], data + other, other + data))


def _many_tags(data: bytearray, draw: random.Random, _known: Known) -> None:
    """An ID3 tag of thousands of frames with words that no screen wants."""
    words = draw.choice(("\x00" * 50, "\u202e" * 40, "\ud800x", "A" * 5000, "<img src='http://example.org/x'>", "\r\n"))
    text = b"\x01\xff\xfe" + words.encode("utf-16-le", "surrogatepass")
    name = draw.choice((b"TIT2", b"TPE1", b"TXXX", b"COMM", b"APIC", b"TDRC", b"????", b"TRCK"))
    frames = b"".join(name + _safe(len(text)) + b"\0\0" + text for _ in range(draw.choice((1, 100, 2000))))
    data[:0] = b"ID3\x04\0\0" + _safe(len(frames)) + frames


def _lying_tag(data: bytearray, draw: random.Random, _known: Known) -> None:
    """Tags whose sizes are not what follows: ID3 before the sound, APE and Lyrics3 after it."""
    size = draw.choice(WORST)
    head = b"ID3" + bytes((draw.choice((2, 3, 4, 9)), 0, draw.choice((0, 0x80, 0x40, 0xFF)))) + _safe(size)
    frame = b"APIC" + struct.pack(">I", size) + b"\0\x08" + b"\0image/png\0\x03\0" + b"\x89PNG\r\n" * 9
    foot = b"APETAGEX" + struct.pack("<IIII", 2000, size, draw.choice(WORST), 0xA0000000) + bytes(8)
    draw.choice((lambda: data.__setitem__(slice(0, 0), head + frame), lambda: data.extend(foot)))()


def _vorbis_lies(data: bytearray, draw: random.Random, _known: Known) -> None:
    """A comment block of FLAC and Ogg that promises more than there is."""
    at = max(data.find(b"reference libFLAC"), data.find(b"vorbis", 40), data.find(b"OpusTags"), 0)
    at += draw.randrange(-12, 40)
    size = struct.pack("<I", draw.choice(WORST))
    data[max(0, at) : max(0, at) + 4] = size


def _swell(data: bytearray, draw: random.Random, _known: Known) -> None:
    """A long run of one byte: headers without an end, silence without an end."""
    at = draw.randrange(len(data) + 1)
    data[at:at] = bytes((draw.choice((0, 0xFF, 0x55)),)) * draw.choice((1000, 100_000))


def _safe(size: int) -> bytes:
    """Four bytes of seven bits, as ID3 counts."""
    return bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))


WAYS: tuple[Callable[[bytearray, random.Random, Known], None], ...] = (
    _flip_bits,
    _lie_about_sizes,
    _cut_off,
    _cut_out,
    _repeat,
    _spoil,
    _splice,
    _many_tags,
    _lying_tag,
    _vorbis_lies,
    _swell,
)
