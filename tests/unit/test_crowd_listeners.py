"""Which listeners a file names: names, or plays in any of the shapes that crowds come in."""

from __future__ import annotations

import io

import pytest

from musicdesk.history.crowd_listeners import listeners_in

FILES = {
    "names": "Ann\nBob\n\n Cy \n",
    "old Mac": "Ann\rBob\rCy",
    "triplets": "Ann\tS1\t3\nBob\tS2\t1\nCy\tS2\t1\n",
    "triplets with commas": "Ann,S1,3\nBob,S2,1\r\nCy,S2,10\n",
    "quoted": '"Ann","S1",3\n"Bob","S2",1\n"Cy","S2",1\n',
    "a table": "user_id,song_id,play_count\nAnn,S1,3\nBob,S2,1\nCy,S2,1\n",
    "a table of KKBox": "msno,song_id,source_type,target\nAnn,S1,x,1\nBob,S2,y,0\nCy,S2,,1\n",
    "a table with another order": 'song;plays;user\nS1;3;Ann\nS1;3;"Bob"\nS1;3;Cy\n',
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_every_shape_names_the_same_listeners(text: str, encoding: str):
    assert list(listeners_in(io.BytesIO(text.encode(encoding)))) == [b"Ann", b"Bob", b"Cy"]


def test_a_name_with_a_comma_is_a_name():
    assert list(listeners_in(io.BytesIO(b"Smith, Ann\nBob, Cy, and I\n"))) == [b"Smith, Ann", b"Bob, Cy, and I"]
    assert list(listeners_in(io.BytesIO(b""))) == []
