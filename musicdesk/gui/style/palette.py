"""Qt's palette from the tokens, and a short style sheet for what a palette cannot say."""

from __future__ import annotations

from PySide6.QtGui import QColor, QFont, QPalette

from musicdesk.gui.style.tokens import BODY, CARD_RADIUS, CARD_TITLE, FOCUS, RADIUS, SMALL, TITLE, Tokens

Role = QPalette.ColorRole


def palette(tokens: Tokens) -> QPalette:
    made = QPalette()
    roles = {
        Role.Window: tokens.window,
        Role.Base: tokens.surface,
        Role.AlternateBase: tokens.surface,
        Role.Button: tokens.raised,
        Role.ToolTipBase: tokens.raised,
        Role.WindowText: tokens.text,
        Role.Text: tokens.text,
        Role.ButtonText: tokens.text,
        Role.ToolTipText: tokens.text,
        Role.PlaceholderText: tokens.secondary,
        Role.Highlight: tokens.accent,
        Role.HighlightedText: tokens.on_accent,
        Role.Accent: tokens.accent,
        Role.Link: tokens.accent,
        Role.LinkVisited: tokens.accent,
        Role.Mid: tokens.line,
        Role.Midlight: tokens.line,
        Role.Light: tokens.raised,
        Role.Dark: tokens.line,
        Role.Shadow: tokens.line,
    }
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (Role.WindowText, Role.Text, Role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.disabled))
    made.setColor(QPalette.ColorGroup.Disabled, Role.Highlight, QColor(tokens.line))
    return made


def body_font(base: QFont, size: int = BODY, semibold: bool = False) -> QFont:
    """The system's font in our size, with digits of one width."""
    font = QFont(base)
    font.setPixelSize(size)
    font.setWeight(QFont.Weight.DemiBold if semibold else QFont.Weight.Normal)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def style_sheet(tokens: Tokens) -> str:
    """Widgets are told apart by the property `kind`; none has a sheet of its own."""
    return "\n".join(part(tokens) for part in _PARTS)


def _edge(t: Tokens) -> str:
    return f"1px solid {t.line}"


def _words_and_frames(t: Tokens) -> str:
    """Labels, cards, bars, tips."""
    return f"""
QLabel[kind="title"] {{ font-size: {TITLE}px; font-weight: 600; }}
QLabel[kind="card-title"] {{ font-size: {CARD_TITLE}px; font-weight: 600; }}
QLabel[kind="brand"] {{ font-size: {CARD_TITLE}px; font-weight: 700; }}
QLabel[kind="strong"] {{ font-weight: 600; }}
QLabel[kind="secondary"] {{ color: {t.secondary}; }}
QLabel[kind="small"] {{ color: {t.secondary}; font-size: {SMALL}px; }}
QLabel[kind="key"] {{ background: {t.raised}; border: {_edge(t)}; border-radius: 4px; padding: 2px 8px; }}
QFrame[kind="side"] {{ background: {t.surface}; border: none; }}
QFrame[kind="line"] {{ background: {t.line}; border: none; }}
QFrame[kind="card"] {{ background: {t.surface}; border: {_edge(t)}; border-radius: {CARD_RADIUS}px; }}
QFrame[kind="float"] {{ background: {t.raised}; border: {_edge(t)}; border-radius: {CARD_RADIUS}px; }}
QFrame[kind="strip"] {{ background: {t.surface}; border: none; border-top: {_edge(t)}; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QToolTip {{ background: {t.raised}; color: {t.text}; border: {_edge(t)}; padding: 4px 8px; }}
"""


def _buttons(t: Tokens) -> str:
    """What all buttons and drop-downs share."""
    return f"""
QPushButton, QToolButton[kind="button"], QComboBox {{ background: {t.raised}; color: {t.text}; border: {_edge(t)};
    border-radius: {RADIUS}px; padding: 0 12px; min-height: 30px; }}
QPushButton:hover, QToolButton[kind="button"]:hover, QComboBox:hover {{ background: {t.hover};
    border-color: {t.disabled}; }}
QPushButton:pressed, QToolButton[kind="button"]:pressed {{ background: {t.chosen}; }}
QPushButton:disabled, QToolButton[kind="button"]:disabled, QComboBox:disabled {{ color: {t.disabled}; }}
QPushButton:focus, QToolButton:focus, QComboBox:focus, QLineEdit:focus, QSpinBox:focus, QPlainTextEdit:focus {{
    border: {FOCUS}px solid {t.accent}; }}
"""


def _kinds_of_button(t: Tokens) -> str:
    """Buttons with a part of their own."""
    return f"""
QPushButton[kind="primary"] {{ background: {t.accent}; color: {t.on_accent}; border: {FOCUS}px solid {t.accent};
    font-weight: 600; }}
QPushButton[kind="primary"]:hover {{ border-color: {t.text}; }}
QPushButton[kind="primary"]:focus {{ border-color: {t.text}; }}
QPushButton[kind="primary"]:disabled {{ background: {t.line}; border-color: {t.line}; color: {t.disabled}; }}
QPushButton[kind="danger"] {{ color: {t.dislike}; }}
QPushButton[kind="link"] {{ background: transparent; border: {FOCUS}px solid transparent; color: {t.accent};
    padding: 0 4px; min-height: 20px; text-align: left; }}
QPushButton[kind="link"]:hover {{ text-decoration: underline; }}
QPushButton[kind="link"]:focus {{ border: {FOCUS}px solid {t.accent}; }}
QPushButton[kind="nav"] {{ background: transparent; border: {FOCUS}px solid transparent; color: {t.secondary};
    text-align: left; padding: 0 12px; min-height: 36px; }}
QPushButton[kind="nav"]:hover {{ background: {t.hover}; color: {t.text}; }}
QPushButton[kind="nav"]:checked {{ background: {t.chosen}; color: {t.text}; font-weight: 600; }}
QPushButton[kind="nav"]:focus {{ border: {FOCUS}px solid {t.accent}; }}
QPushButton[kind="tab"] {{ background: transparent; border: none; border-bottom: {FOCUS}px solid transparent;
    border-radius: 0; color: {t.secondary}; padding: 0 6px; min-height: 30px; }}
QPushButton[kind="tab"]:hover {{ color: {t.text}; }}
QPushButton[kind="tab"]:checked {{ color: {t.text}; border-bottom: {FOCUS}px solid {t.accent}; }}
QPushButton[kind="tab"]:focus {{ background: {t.chosen}; border-top-left-radius: 4px;
    border-top-right-radius: 4px; }}
QPushButton[kind="legend"] {{ background: transparent; border: {FOCUS}px solid transparent; text-align: left;
    padding: 0 8px; min-height: 24px; }}
QPushButton[kind="legend"]:hover {{ background: {t.hover}; }}
QPushButton[kind="legend"]:focus {{ border: {FOCUS}px solid {t.accent}; }}
"""


def _tools(t: Tokens) -> str:
    """Buttons that are a sign alone."""
    return f"""
QToolButton {{ background: transparent; border: {FOCUS}px solid transparent; border-radius: {RADIUS}px; padding: 4px; }}
QToolButton:hover {{ background: {t.hover}; }}
QToolButton:pressed, QToolButton:checked {{ background: {t.chosen}; }}
QToolButton:focus {{ border: {FOCUS}px solid {t.accent}; }}
QToolButton::menu-indicator, QPushButton::menu-indicator {{ image: none; width: 0; }}
"""


def _fields(t: Tokens) -> str:
    """What is typed into."""
    return f"""
QLineEdit, QSpinBox, QPlainTextEdit {{ background: {t.surface}; color: {t.text}; border: {_edge(t)};
    border-radius: {RADIUS}px; padding: 0 8px; min-height: 30px; selection-background-color: {t.accent};
    selection-color: {t.on_accent}; }}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{ border: none; background: transparent; min-height: 0;
    padding: 0 6px; }}
QSpinBox::up-button, QSpinBox::down-button {{ width: 0; border: none; }}
"""


def _items(t: Tokens) -> str:
    """Rows of small lists."""
    return f"""
QTableWidget::item {{ padding: 0 8px; border: none; }}
QTableWidget::item:hover, QTreeWidget::item:hover {{ background: {t.hover}; }}
QTableWidget::item:selected, QTreeWidget::item:selected {{ background: {t.chosen}; color: {t.text}; }}
QTreeWidget {{ background: transparent; border: none; outline: none; }}
QTreeWidget::item {{ min-height: 26px; }}
QListWidget {{ padding: 4px; }}
QListWidget::item {{ padding: 8px; border-radius: {RADIUS}px; }}
QListWidget::item:hover {{ background: {t.hover}; }}
QListWidget::item:selected {{ background: {t.chosen}; color: {t.text}; }}
"""


def _drop_downs(t: Tokens) -> str:
    """Drop-downs and the lists that open."""
    return f"""
QComboBox {{ padding-right: 28px; }}
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow {{ image: none; }}
QComboBox {{ combobox-popup: 0; }}
QComboBoxPrivateContainer {{ background: {t.raised}; border: {_edge(t)}; }}
QComboBox QAbstractItemView::item {{ min-height: 28px; padding: 0 8px; border-radius: 4px; }}
QComboBox QAbstractItemView::item:hover {{ background: {t.hover}; }}
QComboBox QAbstractItemView::item:selected {{ background: {t.chosen}; color: {t.text}; }}
QComboBox QAbstractItemView {{ background: {t.raised}; border: none; border-radius: 0; padding: 4px; outline: none;
    selection-background-color: {t.chosen}; selection-color: {t.text}; }}
"""


def _menus(t: Tokens) -> str:
    """Menus."""
    return f"""
QMenu {{ background: {t.raised}; border: {_edge(t)}; border-radius: {RADIUS}px; padding: 4px; }}
QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 4px; color: {t.text}; }}
QMenu::item:selected {{ background: {t.chosen}; }}
QMenu::item:disabled {{ color: {t.disabled}; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 8px; }}
"""


def _tables(t: Tokens) -> str:
    """Tables and long lists."""
    return f"""
QTableView, QListView, QListWidget {{ background: {t.surface}; border: {_edge(t)}; border-radius: {CARD_RADIUS}px;
    outline: none; }}
QTableView[kind="bare"], QListView[kind="bare"] {{ background: transparent; border: none; border-radius: 0; }}
QHeaderView {{ background: transparent; border: none; }}
QHeaderView::section {{ background: transparent; color: {t.secondary}; border: none; border-bottom: {_edge(t)};
    padding: 0 8px; min-height: 32px; font-size: {SMALL}px; }}
QHeaderView::section:hover {{ color: {t.text}; }}
QTableCornerButton::section {{ background: {t.surface}; border: none; }}
"""


def _scroll_bars(t: Tokens) -> str:
    """Scroll bars."""
    return f"""
QScrollBar {{ background: transparent; border: none; margin: 2px; }}
QScrollBar:vertical {{ width: 12px; }} QScrollBar:horizontal {{ height: 12px; }}
QScrollBar::handle {{ background: {t.line}; border-radius: 4px; min-height: 32px; min-width: 32px; }}
QScrollBar::handle:hover {{ background: {t.disabled}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: none; }}
"""


def _sliders(t: Tokens) -> str:
    """Progress, sliders, switches."""
    return f"""
QProgressBar {{ background: {t.line}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 3px; }}
QSplitter::handle {{ background: {t.line}; }}
QSlider:horizontal {{ min-height: 24px; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {t.line}; }}
QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {t.accent}; }}
QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: {t.accent}; }}
QSlider::handle:horizontal:focus {{ border: 2px solid {t.text}; width: 10px; height: 10px; }}
QCheckBox {{ spacing: 8px; min-height: 24px; }}
"""


_PARTS = (
    _words_and_frames,
    _buttons,
    _kinds_of_button,
    _tools,
    _fields,
    _items,
    _drop_downs,
    _menus,
    _tables,
    _scroll_bars,
    _sliders,
)
