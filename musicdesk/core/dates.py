"""Days and months by name: in English, as all that is written, whatever locale a library has set for C.

Qt sets the person's own as the window starts; workers and the command line have none: one list would bear two names.
"""

from __future__ import annotations

import time

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def written(form: str, at: time.struct_time) -> str:
    """As `time.strftime`; %B, %b, %A and %a in English."""
    month, day = MONTHS[at.tm_mon - 1], DAYS[at.tm_wday]
    for sign, name in (("%B", month), ("%b", month[:3]), ("%A", day), ("%a", day[:3])):
        form = form.replace(sign, name)
    return time.strftime(form, at)
