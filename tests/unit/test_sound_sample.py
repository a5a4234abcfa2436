"""A random part of the embeddings, without reading all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from musicdesk.catalog.catalog import Catalog
from tests.helpers.big_catalog import fill


def test_a_sample_is_a_part_of_the_whole_and_the_same_each_time(tmp_path: Path) -> None:
    catalog = Catalog.open(tmp_path / "catalog.sqlite")
    try:
        assert len(catalog.sound.sample("e", 10, 0)) == 0 and catalog.sound.heard("e") == 0
        fill(catalog, 500, "e")
        assert catalog.sound.heard("e") == 500
        whole, part = catalog.sound.vectors("e"), catalog.sound.sample("e", 60, seed=1)
        assert 40 <= len(part) <= 60 and len(set(part.ids.tolist())) == len(part)
        rows = np.searchsorted(whole.ids, part.ids)
        np.testing.assert_array_equal(whole.matrix[rows], part.matrix)
        np.testing.assert_array_equal(catalog.sound.sample("e", 60, seed=1).ids, part.ids)
        assert len(catalog.sound.sample("e", 500, seed=1)) == 500
    finally:
        catalog.close()
