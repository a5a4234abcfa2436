"""Reports: no made-up figure beside a published one, and files that say what the value says."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread, imsave

from musicdesk.core.errors import MusicdeskError, Unusable
from musicdesk.reports import plots
from musicdesk.reports.kept import KeptPlot, KeptTable, read
from musicdesk.reports.plots import lines
from musicdesk.reports.report import Cell, MixedOrigins, Origin, Plot, Report, Table
from musicdesk.reports.write import write_report

OURS = Cell(0.5, Origin.MEASURED, 0.4, 0.6)
THEIRS = Cell(0.7201, Origin.PUBLISHED, digits=4)
MADE_UP = Cell(0.9, Origin.MADE_UP)


def table(*cells: Cell, title: str = "t") -> Table:
    return Table(title, ("", *(str(n) for n in range(len(cells)))), (("row", *cells),))


def test_a_made_up_figure_never_stands_beside_a_published_one():
    with pytest.raises(MixedOrigins, match="beside published"):
        table(THEIRS, MADE_UP)
    assert issubclass(MixedOrigins, MusicdeskError)
    with pytest.raises(MixedOrigins):
        Report("r", (), (table(THEIRS), "words", table(MADE_UP)))
    both = Report("r", (), (table(THEIRS, OURS), table(OURS)))
    assert {origin for part in both.tables() for origin in part.origins()} == {Origin.PUBLISHED, Origin.MEASURED}
    assert Report("r", (), (table(MADE_UP, OURS),)).parts


def test_values_are_checked():
    with pytest.raises(ValueError, match="2 entries"):
        Table("t", ("a", "b"), (("only one",),))
    with pytest.raises(ValueError, match="no name"):
        Plot("../up", "c", lambda figure: None)
    with pytest.raises(ValueError, match="one name"):
        Report("r", (), (every_plot()[0], every_plot()[0]))


def test_cells_read_as_people_write_them():
    assert OURS.text() == "0.500 [0.400, 0.600]"
    assert (THEIRS.text(), Cell(None, Origin.MEASURED).text()) == ("0.7201", "–")
    assert (Cell(12_345, Origin.MEASURED).text(), Cell(1234.5, Origin.MEASURED, digits=1).text()) == (
        "12,345",
        "1,234.5",
    )


def test_a_figure_without_an_interval_says_so():
    one = Cell(0.5, Origin.MEASURED, float("nan"), float("nan"))
    assert one.text() == "0.500" and one.as_json()["interval"] is None
    none = Cell(float("nan"), Origin.MEASURED)
    assert none.text() == "–" and none.as_json()["value"] is None
    with_one = plots.bars("one", "c", {"a": (0.5, float("nan"), float("nan")), "b": (0.4, 0.3, 0.5)}, "x")
    without = plots.bars("one", "c", {"a": (0.5, None, None), "b": (0.4, 0.3, 0.5)}, "x")
    assert plots.png(with_one) == plots.png(without)


def every_plot() -> list[Plot]:
    series = {"train": ([1, 2, 3], [0.9, 0.5, 0.4]), "validation": ([1, 2, 3], [1.0, 0.7, 0.65])}
    draw = np.random.default_rng(0)
    return [
        plots.lines("curves", "Loss by epoch", series, "epoch", "loss", diagonal=True),
        plots.bars("bars", "AUC", {"a": (0.6, 0.5, 0.7), "b": (0.4, None, None)}, "AUC", chance=0.5),
        plots.matrix("confusion", "Truth", {"train": np.array([[5, 1], [2, 9]])}, ("no", "yes")),
        plots.points3("cloud", "Code", draw.normal(size=(30, 3)), ["rock", "", "jazz"] * 10, ("a", "b", "c")),
        plots.scatter("plane", "Trade", {"a": ([0.1], [0.2]), "b": ([0.3], [0.1])}, "x", "y", named=True),
        plots.histogram("spread", "Distances", {"a": draw.normal(size=50), "b": draw.normal(size=50)}, "d"),
    ]


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_files_say_what_the_value_says(tmp_path: Path):
    hostile = Table("Names", ("name", "value"), (("<script>alert(1)</script> | pipe", OURS),), "On a sample of 9 rows.")
    report = Report("A <study>", ("Read this first.",), ("A paragraph.", hostile, *every_plot()))
    written = write_report(report, tmp_path / "new" / "folder")
    page, text = written.html.read_text("utf-8"), written.markdown.read_text("utf-8")
    reader = Reader()
    reader.feed(page)
    assert "script" not in {tag for tag, _ in reader.tags}
    for words in ("A <study>", "Read this first.", "A paragraph.", "On a sample of 9 rows.", "0.500 [0.400, 0.600]"):
        assert words in reader.text and words in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert rows == [
        "| name | value |",
        "|---|---|",
        "| <script>alert(1)</script> \\| pipe | 0.500 [0.400, 0.600] |",
    ]
    pictures = [attributes for tag, attributes in reader.tags if tag in ("img", "source")]
    assert len(pictures) == 12 and all(a.get("alt") for tag, a in reader.tags if tag == "img")
    places = [str(a.get("src") or a.get("srcset")) for a in pictures]
    assert all(place.startswith("data:image/png;base64,") for place in places)  # self-contained
    assert not re.findall(r"(?:src|href)=\"(?!data:)", page)
    for plot, path in zip(report.plots(), written.plots, strict=True):
        assert path.name == f"{plot.name}.png" and f"]({path.name})" in text
        picture = imread(path)
        assert picture.shape[:2] == (round(plot.height * 100), round(plot.width * 100)) and picture.std() > 0.01


def test_dark_pages_get_dark_plots_and_the_same_plot_is_the_same_file():
    plot = every_plot()[0]
    light, dark = (imread(io.BytesIO(plots.png(plot, theme)))[2, 2, :3] for theme in (plots.LIGHT, plots.DARK))
    assert light.min() > 0.95 and dark.max() < 0.2
    assert base64.b64encode(plots.png(plot)) == base64.b64encode(plots.png(plot))


def test_a_picture_that_is_there_stays_as_it_is():
    given = np.random.default_rng(0).integers(0, 255, (1000, 1600, 3), np.uint8)
    out = io.BytesIO()
    imsave(out, given, format="png")
    shown = imread(io.BytesIO(plots.png(plots.image("map", "A map", out.getvalue()))))
    assert np.array_equal((shown[..., :3] * 255).round().astype(np.uint8), given)


def test_series_differ_without_colour():
    """In grey, two curves and two bars still differ by marker, stroke or hatch."""
    from matplotlib.figure import Figure

    figure = Figure()
    every_plot()[0].draw(figure)
    curves = [line for line in figure.axes[0].lines if line.get_label() in ("train", "validation")]
    assert len({(line.get_marker(), line.get_linestyle()) for line in curves}) == 2


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(Unusable, match="cannot be written"):
        write_report(Report("r", (), ()), tmp_path / "file" / "below")


def test_what_was_written_is_read_again_in_its_order(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    found = Table("T", ("a", "b"), (("x", Cell(0.5, Origin.MEASURED, 0.4, 0.6)),), note="on ten rows")
    plot = lines("curve", "A curve", {"loss": ([1, 2], [0.5, 0.4])}, "epoch", "loss")
    write_report(Report("Title", ("Read me first.",), ("Words.", plot, found)), tmp_path)
    kept = read(tmp_path)
    assert kept and (kept.title, kept.notes, kept.name) == ("Title", ("Read me first.",), tmp_path.name)
    assert kept.parts[0] == "Words."
    assert isinstance(kept.parts[1], KeptPlot) and kept.parts[1].light.is_file() and kept.parts[1].dark.is_file()
    assert kept.parts[2] == KeptTable("T", "on ten rows", ("a", "b"), (("x", "0.500 [0.400, 0.600]"),))
    assert read(tmp_path / "nothing") is None
    (tmp_path / "report.json").write_text('{"title": 1, "parts": [[]]}', "utf-8")
    assert read(tmp_path) is None
    assert "cannot be read" in caplog.text
    caplog.clear()
