"""The registry of studies and the published figures: complete, explained, and refused where they would mislead."""

from __future__ import annotations

from pathlib import Path

import pytest

from musicdesk.core.errors import NotFound, NotReady, Unusable
from musicdesk.core.progress import Silent
from musicdesk.demo.library import LEDGER
from musicdesk.reports.report import MixedOrigins, Origin, Report, Table
from musicdesk.workflows import reproduce as use_case
from musicdesk.workflows.desk import open_desk
from musicdesk.workflows.reproduce import offered, reproduce
from musicdesk.workflows.studies.published import cell, figures, readings
from musicdesk.workflows.studies.registry import studies
from musicdesk.workflows.studies.study import Given, Study


def test_published_figures_have_a_source_and_a_measure():
    assert len(figures()) >= 16
    for figure in figures().values():
        assert figure.source and figure.measure and 0 < figure.value < 1
    assert cell("kkbox.test").text() == "0.7948" and "cannot be" in figures()["kkbox.test"].meaning
    assert cell("tagging.dcue").text() == "0.845"
    assert readings("autoencoder.train", "autoencoder.validation").origins() == {Origin.PUBLISHED}


def test_every_study_says_what_it_needs():
    for entry in offered():
        assert entry["title"] and entry["source"] and entry["needs"].endswith(".")
        study = studies()[entry["study"]]
        if not study.library:
            with open_desk() as desk, pytest.raises(NotReady, match="needs data"):
                reproduce(desk, study.name, Silent())


def compared(given: Given) -> Report:
    rows = (("ours", given.figure(0.5, (0.4, 0.6))), ("theirs", cell("kkbox.validation")))
    return Report("Compared", (), (Table("t", ("", ""), rows),))


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Study:
    """A registry with one small study, so that what all studies share can be tried."""
    from musicdesk.core.registry import Registry

    registry: Registry[Study] = Registry("study")
    study = Study("example", "An example", "nobody", "A folder.", compared, settings={"epochs": 3, "rate": 0.1})
    registry.add("example", study)
    monkeypatch.setattr(use_case, "studies", lambda: registry)
    return study


def test_made_up_data_are_recognised_and_not_compared(example: Study, tmp_path: Path):
    with open_desk() as desk:
        found = reproduce(desk, "example", Silent(), tmp_path, tmp_path / "out")
        assert found.origin == "measured" and Path(found.report).is_file()
        assert found.tables[0]["rows"][0][1]["interval"] == [0.4, 0.6]
        with pytest.raises(MixedOrigins):
            reproduce(desk, "example", Silent(), tmp_path, tmp_path / "out", made_up=True)
        (tmp_path / LEDGER).write_text("{}")
        with pytest.raises(MixedOrigins):
            reproduce(desk, "example", Silent(), tmp_path, tmp_path / "out")


def test_settings_take_the_type_of_their_defaults(example: Study):
    assert example.configured({"epochs": "7", "rate": 1}) == {"epochs": 7, "rate": 1.0}
    with pytest.raises(NotFound, match="no setting 'epoch'"):
        example.configured({"epoch": 1})
    for value in ("many", float("inf")):
        with pytest.raises(Unusable, match="does not fit"):
            example.configured({"epochs": value})


def test_mistakes_are_told(example: Study, tmp_path: Path):
    with open_desk() as desk:
        with pytest.raises(NotFound, match="nothing at"):
            reproduce(desk, "example", Silent(), tmp_path / "absent")
        with pytest.raises(NotFound, match="did you mean 'example'"):
            reproduce(desk, "exmaple", Silent(), tmp_path)
        given = Given(desk, tmp_path, tmp_path, 0, {}, Origin.MEASURED, Silent())
        with pytest.raises(NotFound, match=r"no a\.csv or b\.csv"):
            given.file("a.csv", "b.csv")
