"""Ranking metrics against scikit-learn, against all orders of ties, and against cases worked by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.metrics import ndcg_score, roc_auc_score

from musicdesk.evaluation import diversity, metrics
from musicdesk.evaluation.comparison import Answers, roc
from musicdesk.evaluation.metrics import auc, joined, mean, ndcg, places, recall, reciprocal_rank, top


def case(seed: int, users: int = 12, songs: int = 40, levels: int = 0) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    scores = draw.integers(0, levels, (users, songs)) if levels else draw.normal(size=(users, songs))
    return scores.astype(np.float32), (draw.random((users, songs)) < 0.15).astype(np.float32)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0, 2, 5]))
def test_they_agree_with_scikit_learn_also_where_scores_are_tied(seed: int, levels: int):
    scores, held = case(seed, levels=levels)
    found = places(scores, csr_matrix(held))
    for user, (row, wanted) in enumerate(zip(scores, held, strict=True)):
        if not wanted.any():
            assert np.isnan(recall(found, 5)[user]) and np.isnan(ndcg(found, 5)[user]) and np.isnan(auc(found)[user])
            continue
        assert auc(found)[user] == pytest.approx(roc_auc_score(wanted, row))
        for k in (1, 5, 40):
            assert ndcg(found, k)[user] == pytest.approx(ndcg_score([wanted], [row], k=k))


def test_tied_songs_count_as_over_all_their_orders():
    scores, wanted = [3.0, 1.0, 1.0, 1.0, 0.0], {1, 4}
    found = places(np.array([scores]), csr_matrix(np.array([[0, 1, 0, 0, 1]])))
    hits, firsts = [], []
    for order in itertools.permutations(range(5)):
        if [scores[i] for i in order] == sorted(scores, reverse=True):
            hits.append(len(wanted & set(order[:2])) / 2)
            firsts.append(min(order.index(i) for i in wanted) + 1)
    assert recall(found, 2)[0] == pytest.approx(np.mean(hits))
    assert reciprocal_rank(found)[0] == pytest.approx(1 / np.mean(firsts))


def test_a_model_that_cannot_tell_songs_apart_is_chance():
    held = csr_matrix(np.eye(4, 100, dtype=np.float32))
    found = places(np.zeros((4, 100), np.float32), held)
    assert auc(found) == pytest.approx(0.5)
    assert recall(found, 20) == pytest.approx(0.2)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0, 1, 2, 5]))
def test_the_area_under_the_curve_that_is_drawn_is_auc(seed: int, levels: int):
    scores, held = case(seed, levels=levels)
    held[0], held[1] = 0.0, 1.0  # who has nothing hidden, or nothing else, takes no part
    found = places(scores, csr_matrix(held), csr_matrix((held == 0) & (scores > 1.5)))
    rates = np.linspace(0.0, 1.0, 2_001)
    curve = roc(Answers(found, np.zeros((len(held), 1), np.int64)), rates)
    assert np.trapezoid(curve, rates) == pytest.approx(np.nanmean(auc(found)), abs=1e-3)
    assert (np.diff(curve) >= 0).all() and curve[-1] == pytest.approx(1.0)


def test_hidden_songs_that_come_first_are_no_false_ones_to_each_other():
    found = places(np.arange(10, 0, -1.0)[None], csr_matrix((np.arange(10) < 5)[None]))
    assert roc(Answers(found, np.zeros((1, 1), np.int64)), np.array([0.0, 0.5, 1.0])).tolist() == [1.0, 1.0, 1.0]


def test_recall_divides_by_what_fits_into_the_list():
    scores = np.arange(10, 0, -1, dtype=np.float32)[None, :]
    found = places(scores, csr_matrix(np.ones((1, 10))[:, :] * (np.arange(10) < 6)))
    assert recall(found, 3)[0] == 1.0  # three of three, although six were held out
    assert recall(found, 20)[0] == 1.0


def test_seen_songs_do_not_compete():
    scores = np.array([[9.0, 8.0, 7.0, 6.0]])
    seen = csr_matrix(np.array([[1, 1, 0, 0]]))
    found = places(scores, csr_matrix(np.array([[0, 1, 1, 0]])), seen)
    assert found.held.tolist() == [1] and found.candidates.tolist() == [2]
    assert recall(found, 1)[0] == 1.0 and auc(found)[0] == 1.0
    assert scores[0, 0] == 9.0  # left as it was


def test_users_with_one_class_are_passed_over():
    scores = np.array([[1.0, 2.0], [1.0, 2.0], [2.0, 1.0]])
    found = places(scores, csr_matrix(np.array([[1, 1], [0, 0], [1, 0]])))
    assert np.isnan(auc(found)[:2]).all() and mean(auc(found)) == 1.0
    assert np.isnan(mean(np.array([np.nan])))


def test_blocks_of_users_give_what_all_at_once_gives():
    scores, held = case(3)
    whole = places(scores, csr_matrix(held))
    parts = joined(places(scores[a : a + 5], csr_matrix(held[a : a + 5])) for a in range(0, 12, 5))
    for measure in (auc, reciprocal_rank, lambda p: recall(p, 7), lambda p: ndcg(p, 7)):
        assert np.array_equal(measure(whole), measure(parts), equal_nan=True)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 50), st.sampled_from([0, 3]))
def test_the_best_are_those_of_a_full_sort(seed: int, k: int, levels: int):
    scores, seen = case(seed, levels=levels)
    seen[0] = 1
    found = top(scores, k, csr_matrix(seen))
    assert found.shape == (12, k) and (found[0] == -1).all()
    for row, already, best in zip(scores, seen, found, strict=True):
        order = np.lexsort((np.arange(40), -row))
        wanted = [i for i in order if not already[i]][:k]
        assert np.sort(row[best[best >= 0]]).tolist() == np.sort(row[wanted]).tolist()
        assert (np.diff(row[best[best >= 0]]) <= 0).all() and not already[best[best >= 0]].any()


# what lists are like


def test_coverage_and_gini():
    alike = np.array([[0, 1], [2, 3]])
    assert diversity.coverage(alike, 4) == 1.0 and diversity.gini(alike, 4) == pytest.approx(0.0)
    one = np.array([[0, -1], [0, -1]])
    assert diversity.coverage(one, 4) == 0.25 and diversity.gini(one, 4) == pytest.approx(0.75)


def test_what_nobody_knows_is_new():
    found = diversity.novelty(np.array([[0, 1], [1, -1], [-1, -1]]), np.array([100, 25]), 100)
    assert found[:2] == pytest.approx([1.0, 2.0]) and np.isnan(found[2])


@given(st.integers(0, 1_000))
def test_distance_inside_a_list_is_the_mean_over_its_pairs(seed: int):
    draw = np.random.default_rng(seed)
    vectors = draw.normal(size=(9, 3))
    vectors[8] = 0
    lists = draw.integers(-1, 9, (4, 5))
    found = diversity.intra_list_distance(lists, vectors)
    for row, value in zip(lists, found, strict=True):
        known = [vectors[i] / np.linalg.norm(vectors[i]) for i in row if i >= 0 and i < 8]
        each = [1 - a @ b for a, b in itertools.combinations(known, 2)]
        assert value == pytest.approx(np.mean(each), abs=1e-5) if each else np.isnan(value)


def test_artists_that_repeat():
    found = diversity.different(np.array([[0, 1, 2], [0, 1, -1], [3, -1, -1]]), np.array([7, 7, 8, -1]))
    assert found[:2] == pytest.approx([2 / 3, 0.0]) and np.isnan(found[2])


def test_a_list_with_the_listeners_own_mix_is_calibrated():
    history, genres = np.array([[1.0, 1.0], [1.0, 0.0]]), np.array([0, 1])
    found = diversity.mix_distance(np.array([[0, 1], [1, 1]]), history, genres)
    assert found[0] == pytest.approx(0.0) and found[1] > 3


def test_means_leave_out_users_without_a_value():
    assert metrics.mean(np.array([1.0, np.nan, 0.0])) == 0.5
