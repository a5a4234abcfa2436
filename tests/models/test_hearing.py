"""What models that hear learn from and keep back, and the figure that ends their training."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.metrics import roc_auc_score

from musicdesk.learning.windows import MelWindows
from musicdesk.recommenders.crowd import CrowdPlays
from musicdesk.recommenders.hearing import cold_auc, heard, kept_back, most_played

PLAYS = csr_matrix(np.array([[1, 0, 2, 1, 0], [1, 1, 0, 1, 0], [0, 0, 0, 9, 0]], np.float32))


def crowd(tracks: list[int]) -> CrowdPlays:
    none = np.full(5, -1, np.int64)
    return CrowdPlays("c", lambda: PLAYS, np.array(tracks), none, np.zeros(5, np.float32))


def test_songs_are_heard_where_their_track_has_windows():
    windows = MelWindows.of(np.array([3, 7, 8]), [np.zeros((n, 4, 2), np.float16) for n in (1, 2, 3)])
    found = heard(crowd([8, -1, 3, 5, 8]), windows)
    assert found.songs.tolist() == [0, 2, 4] and found.at.tolist() == [2, 0, 2]
    assert len(heard(crowd([8, -1, 3, 5, 8]), None).songs) == 0


def test_the_most_played_tracks_are_needed_first():
    assert most_played(crowd([8, 4, 3, 5, 8])).tolist() == [5, 8, 4, 3]
    assert most_played(crowd([-1, -1, -1, -1, -1])).tolist() == []


def test_whole_artists_are_kept_back():
    artists = np.where(np.arange(400) < 200, np.arange(400) // 5, -1)
    back = kept_back(artists, seed=3)
    assert 30 <= back.sum() <= 50
    assert all(len(set(back[artists == artist])) == 1 for artist in range(40))
    assert not np.array_equal(back, kept_back(artists, seed=4))
    assert kept_back(np.zeros(10, np.int64), 0).sum() == 0


def test_cold_auc_is_scikit_learns_mean_over_listeners():
    draw = np.random.default_rng(1)
    scores, played = draw.integers(0, 6, (30, 40)), draw.random((30, 40)) < 0.2
    played[3], played[4] = True, False
    both = [row for row in range(30) if row not in (3, 4)]
    wanted = np.mean([roc_auc_score(played[row], scores[row]) for row in both])
    assert cold_auc(scores, played) == pytest.approx(wanted, abs=1e-12)
    assert cold_auc(scores[3:5], played[3:5]) == 0.5
