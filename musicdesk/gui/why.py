"""Why a track is here, or why it is not: a small window over the list, from its own score and state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from musicdesk.core.changes import Changes
from musicdesk.core.types import Analysis, Presence, Reason, Track, TrackId
from musicdesk.gui import words
from musicdesk.gui.labels import ElidedLabel, tip
from musicdesk.gui.page import button, label
from musicdesk.gui.shell import Goto, Shell, Why
from musicdesk.gui.style.tokens import SPACE
from musicdesk.workflows.request import Request
from musicdesk.workflows.sounds_like import Tag, spoken, tags_of

if TYPE_CHECKING:
    from musicdesk.workflows.why_not import Hindrance

WIDTH = 420
TOLD = 8  # tags in the tool tip
HOW_LIKELY = "How likely each is, by what was heard:"


@dataclass(frozen=True)
class Account:
    """What the card says. No Qt."""

    title: str
    credit: str
    states: tuple[str, ...]
    reasons: tuple[Reason, ...]
    sounds: str = ""  # like what, in words
    doubts: str = ""  # how likely each of these words is


def account(track: Track, reasons: tuple[Reason, ...], failure: str, tags: Sequence[Tag] = ()) -> Account:
    states = []
    if track.presence is Presence.OFFLINE:
        states.append("Its folder is not connected now; nothing that is known of it is lost.")
    if track.presence is Presence.MISSING:
        states.append("Its file is gone from its folder.")
    if track.analysis is Analysis.FAILED:
        states.append(f"It could not be read: {failure or 'the reason was not kept'}")
    elif track.analysis is Analysis.WAITING:
        states.append("It has not been listened to yet, so it cannot be recommended.")
    if track.excluded:
        states.append(f"It is kept out of playlists: {track.excluded}.")
    if track.verdict is not None:
        verb = {"like": "liked it", "dislike": "disliked it", "never": "never want to hear it"}[track.verdict.value]
        states.append(f"You {verb}.")
    if track.plays:
        states.append(f"Played {words.count(track.plays, 'time')}.")
    if not states and not reasons:
        states.append("It may be picked for any playlist; you have not rated or played it yet.")
    heard = spoken(tags)
    doubts = [f"{tag.probability:.0%} {tag.name}" for tag in tags[:TOLD]]
    sounds, doubt = (f"Sounds like: {heard}", "\n".join([HOW_LIKELY, *doubts])) if heard else ("", "")
    return Account(track.tags.title, words.credit(track), tuple(states), reasons, sounds, doubt)


class WhyCard(QFrame):
    """Closes by Esc, by a click elsewhere, or with its page. Of a row of a list it says why it is there, of any other
    track why it is not in the list shown last, and what would let it in."""

    hear_wanted = Signal(object, object)  # TrackId, reasons

    def __init__(self, shell: Shell, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("kind", "float")
        self.setFixedWidth(WIDTH)
        self._shell, self._home = shell, parent
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(SPACE["l"], SPACE["l"], SPACE["l"], SPACE["l"])
        self._layout.setSpacing(SPACE["s"])

    def tell(self, wish: Why) -> None:
        found = self._shell.desk.catalog.tracks.get_many([wish.track])
        if not found:
            return
        self.hide()  # what is added to a card on show has no height yet
        failures = {failure.track: failure.reason for failure in self._shell.desk.catalog.sound.failures()}
        tags = tags_of(self._shell.desk, wish.track)
        self._fill(account(found[0], wish.reasons, failures.get(wish.track, ""), tags))
        if wish.reasons and found[0].analysis is Analysis.DONE:
            self._offer("Hear why (H)", "ear", lambda: self.hear_wanted.emit(wish.track, wish.reasons))
        if not wish.reasons and found[0].analysis is Analysis.DONE:
            self._wonder(wish.track)
        self._settle()

    def _settle(self) -> None:
        for made in self.findChildren(QPushButton):
            made.ensurePolished()
        self._layout.invalidate()
        self.setFixedHeight(self._layout.heightForWidth(WIDTH) + SPACE["s"])
        home = self._home
        centre = home.mapToGlobal(QPoint(home.width() // 2, home.height() // 2))
        self.move(centre - QPoint(self.width() // 2, self.height() // 2))
        self.show()

    def _fill(self, told: Account) -> None:
        while (item := self._layout.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        title, credit = ElidedLabel(told.title), ElidedLabel(told.credit)
        title.setProperty("kind", "card-title")
        credit.setProperty("kind", "secondary")
        self._layout.addWidget(title)
        self._layout.addWidget(credit)
        if told.sounds:
            sounds = label(told.sounds, wrap=True)
            sounds.setToolTip(tip(told.doubts))
            sounds.setAccessibleDescription(told.doubts)
            self._layout.addWidget(sounds)
        for reason in told.reasons:
            self._layout.addWidget(_share(reason))
        for state in told.states:
            self._layout.addWidget(label(state, wrap=True))
        said = " ".join([told.sounds, *(reason.text for reason in told.reasons), *told.states]).strip()
        self.setAccessibleName(f"Why {told.title}: {said}")

    # why not

    def _wonder(self, track: TrackId) -> None:
        """At once when the models have been read, else when the person asks: reading them takes a moment."""
        if any(name.startswith("standing ") for name in self._shell.desk.memo):
            self._why_not(track)
        else:
            self._offer("Why is it not in my list?", "question", lambda: self._asked(track))

    def _asked(self, track: TrackId) -> None:
        self.hide()
        self._why_not(track)
        self._settle()

    def _why_not(self, track: TrackId) -> None:
        from musicdesk.workflows.why_not import why_not

        request = self._shell.listed or Request()
        told = self._shell.attempt(lambda: why_not(self._shell.desk, track, request))
        if told is None:
            return
        self._layout.addWidget(label(told.sentence, "strong", wrap=True))
        for hindrance in told.hindrances:
            self._layout.addWidget(label(hindrance.text, wrap=True))
            if hindrance.offer:
                doing = partial(self._let_in, hindrance, track, request)
                self._offer(hindrance.offer, "arrow-bend-down-right", doing)
        said = " ".join([told.sentence, *(each.text for each in told.hindrances)])
        self.setAccessibleName(f"{self.accessibleName()} {said}")

    def _let_in(self, hindrance: Hindrance, track: TrackId, request: Request) -> None:
        """Takes one hindrance away and draws the list anew."""
        from musicdesk.workflows.why_not import lets_in, without

        if hindrance.step == "analyze":
            self._shell.jobs.start("settle", {"roots": []})
            return
        if lets_in(self._shell.desk, hindrance, track):
            self._shell.tell(Changes.TRACKS | Changes.FEEDBACK)
        self._shell.went.emit(Goto("discover", "list", track, request=without(request, hindrance, track)))

    def _offer(self, text: str, icon: str, doing: Callable[[], object]) -> None:
        made = button(self._shell, text, icon)
        made.clicked.connect(self.hide)
        made.clicked.connect(doing)
        row = QHBoxLayout()
        holder = QWidget()
        holder.setLayout(row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(made)
        row.addStretch()
        self._layout.addWidget(holder)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowDeactivate:
            self.hide()
        return super().event(event)


def _share(reason: Reason) -> QWidget:
    """One reason with the share of the score it accounts for."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, SPACE["xs"], 0, 0)
    column.setSpacing(SPACE["xs"])
    row = QHBoxLayout()
    row.addWidget(label(reason.text, wrap=True), 1)
    row.addWidget(label(f"{reason.share:.0%}", "secondary"), 0, Qt.AlignmentFlag.AlignTop)
    bar = QProgressBar()
    bar.setTextVisible(False)
    bar.setRange(0, 100)
    bar.setValue(round(100 * min(max(reason.share, 0.0), 1.0)))
    column.addLayout(row)
    column.addWidget(bar)
    return holder
