"""Which files are music: by the ending of the name, else by the first 16 bytes."""

from __future__ import annotations

# What FFmpeg or libsndfile read as sound.
_MUSIC = """
    mp3 mp2 mp1 mpga flac ogg oga opus spx m4a m4b m4r mp4 aac adts alac wav wave bwf rf64 w64 aif aiff aifc afc
    wma asf ape wv mpc mp+ mpp tta tak dsf dff ac3 eac3 ec3 dts dtshd thd mlp caf au snd mka weba amr awb ra shn
    ofr ofs oma aa3 at3 voc sf nist sph mpa gsm
"""
# What lies beside music and need not be looked into.
_OTHER = """
    jpg jpeg png gif bmp webp tif tiff svg ico heic avif psd xcf txt md rst nfo cue log m3u m3u8 pls xspf jspf wpl asx
    sfv md5 sha1 sha256 ffp accurip pdf epub doc docx odt rtf html htm css url webloc desktop lnk ini inf cfg conf
    toml yaml yml db sqlite sqlite3 db-wal db-shm json jsonl xml csv tsv py pyc js ts c h cpp rs go java sh bat exe
    dll so dylib zip rar 7z gz bz2 xz zst tar iso bin part crdownload tmp bak torrent lrc srt ass sub idx mkv avi
    mov m4v webm wmv mpg mpeg vob ts flv mid midi kar sid mod xm it s3m nsf spc gpx npz npy safetensors ann asd als
    reapeaks pkf sfk lock plist ds_store thumbs itl itdb musicdb
"""

# ending -> True (music), False (not); endings that are not here are looked into.
KINDS: dict[bytes, bool] = {
    **{ending.encode(): False for ending in _OTHER.split()},
    **{ending.encode(): True for ending in _MUSIC.split()},
}

_STARTS = (
    *(b"fLaC", b"OggS", b"ID3", b"MAC ", b"wvPK", b"MPCK", b"MP+", b"TTA1", b"TTA2", b"tBaK", b"OFR ", b".snd"),
    *(b"caff", b"DSD ", b"FRM8", b"#!AMR", b"\x0b\x77", b"\x7f\xfe\x80\x01", b"0&\xb2u\x8ef\xcf\x11", b"ajkg"),
    b"riff.\x91\xcf\x11",
)
_INSIDE = {b"RIFF": (b"WAVE",), b"RIFX": (b"WAVE",), b"RF64": (b"WAVE",), b"FORM": (b"AIFF", b"AIFC")}
_MP4_SOUND = (b"M4A ", b"M4B ", b"M4P ", b"mp42", b"mp41", b"isom")


def is_music_head(head: bytes) -> bool:
    """Whether a file that begins with these (up to 16) bytes looks like sound."""
    if head.startswith(_STARTS):
        return True
    if head[8:12] in _INSIDE.get(head[:4], ()):
        return True
    if head[4:8] == b"ftyp":
        return head[8:12] in _MP4_SOUND
    return _is_mpeg_frame(head)


def _is_mpeg_frame(head: bytes) -> bool:
    """An MPEG audio or ADTS frame header: eleven set bits and no forbidden value (ISO 11172-3, 2.4.2.3)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    if head[1] & 0xF6 == 0xF0:  # ADTS: layer 0, sampling index below 13
        return (head[2] >> 2) & 0xF < 13
    version, layer = (head[1] >> 3) & 3, (head[1] >> 1) & 3
    rate, sampling = head[2] >> 4, (head[2] >> 2) & 3
    return version != 1 and layer != 0 and rate not in (0, 15) and sampling != 3
