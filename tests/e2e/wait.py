"""wait.py - wait for a condition with a deadline; the only place of these tests where time passes."""

import select
import time

STEP_SECONDS = 0.02


class TookTooLong(Exception):
    """A condition did not come true in time."""


def wait_until(condition, seconds, what):
    """What the condition answered when it first was true; TookTooLong, naming what was waited for, after the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TookTooLong(f"waited {seconds} s in vain for {what() if callable(what) else what}")
        select.select([], [], [], STEP_SECONDS)
