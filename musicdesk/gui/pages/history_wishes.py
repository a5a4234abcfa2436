"""Songs that are played elsewhere and not owned, to look at and to take along."""

from __future__ import annotations

from musicdesk.gui import words
from musicdesk.gui.page import button
from musicdesk.gui.pages.history_rank import RankCard
from musicdesk.gui.shell import Shell

TABLE = (("csv", "Table (CSV)"),)


class WishCard(RankCard):
    def __init__(self, shell: Shell) -> None:
        super().__init__(shell, "Played, but not in your library", "songs", short=25, tells_state=False)
        self._shell = shell
        self.save = button(shell, "Save as a table", "floppy-disk", tip_text="These songs, for a spreadsheet or a shop")
        self.save.clicked.connect(self._save)
        self.put_beside_title(self.save)

    def _save(self) -> None:
        from musicdesk.workflows.wishes import save_wishes

        rows = [(row.artist, row.name, row.plays) for row in self.rows]
        target = self._shell.ask.save_as("Save the songs that you do not own", "not-in-my-library.csv", TABLE)
        if target is not None and self._shell.attempt(lambda: save_wishes(self._shell.desk, target, rows)):
            self._shell.notice(f"{words.count(len(rows), 'song')} saved in {target}.")
