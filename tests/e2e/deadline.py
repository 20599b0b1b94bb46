"""deadline.py - a test's deadline: one that hangs is named with the lines that it hangs at, and the others go on."""

import queue
import sys
import threading
import traceback

from wait import TookTooLong


def within(seconds, test, *given):
    """What the test answers or raises; TookTooLong, with where it is, after the deadline. Its thread is then left to itself."""
    outcome = queue.Queue(1)

    def play():
        try:
            outcome.put((test(*given), None))
        except BaseException as error:  # Raised again below, in the thread that waits
            outcome.put((None, error))

    thread = threading.Thread(target=play, daemon=True)
    thread.start()
    try:
        answer, error = outcome.get(timeout=seconds)
    except queue.Empty:
        raise TookTooLong(f"it hangs: {seconds} s are over, and it is at\n{where_is(thread)}") from None
    if error:
        raise error
    return answer


def where_is(thread):
    frame = sys._current_frames().get(thread.ident)
    return "".join(traceback.format_stack(frame)[-5:]) if frame else "    its end\n"


def blind_spots():
    """What is wrong with it: a test that hangs must be named, one that ends must be heard."""
    forever = threading.Event()

    def a_test_that_hangs():
        forever.wait()

    found = []
    try:
        within(0.05, a_test_that_hangs)
        found.append("a test that hangs has no end")
    except TookTooLong as error:
        found += [] if "a_test_that_hangs" in str(error) and "forever.wait" in str(error) else [f"where it hangs is not said: {error}"]
    forever.set()
    if within(60, lambda one: one + 1, 1) != 2:
        found.append("what a test answers is lost")
    try:
        within(60, lambda: {}["missing"])
        found.append("what a test raises is lost")
    except KeyError:
        pass
    return found
