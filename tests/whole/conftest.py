"""What tests of scanning begin with; files with a library of their own say so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from musicdesk.workflows.desk import Desk, open_desk
from tests.helpers.scanning import six_tracks


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "profile") as opened:
        yield opened


@pytest.fixture
def music(tmp_path: Path) -> Path:
    return six_tracks(tmp_path / "music")
