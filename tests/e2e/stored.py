"""stored.py - what the artifact store of a scenario's server holds: actions that look at its rows and at its blobs."""

import contextlib
import sqlite3

from wait import wait_until

SECONDS = 60


def blobs(world):
    return [path for path in (world.server.data / "blobs/uploads").rglob("*") if path.is_file()]


def wait_for_blobs(world, count, seconds=SECONDS):
    """Wait until so many are there: whoever saves is in the middle of it."""
    wait_until(lambda: len(blobs(world)) >= count, seconds, lambda: f"{count} blobs; there are {len(blobs(world))}")


def end_the_time_of_what_is_half(world):
    """As though it had been left for long. Of the stopped server."""
    with contextlib.closing(sqlite3.connect(world.server.data / "artifacts.db")) as database, database:
        database.execute("update uploads set changed_at = 1 where closed = 0")
        database.execute("update upload_garbage set due_at = 1")


def only_caches_are_stored(world, count):
    """Wait until the store has so many caches, all of them whole, and not a blob or a row that is of none."""
    def found():
        with contextlib.closing(sqlite3.connect(f"file:{world.server.data / 'artifacts.db'}?mode=ro", uri=True)) as database:
            one = lambda sql: database.execute(sql).fetchone()[0]  # noqa: E731
            return {"caches": one("select count(*) from caches"), "whole": one("select count(*) from caches where complete = 1 and gone = 0"),
                    "uploads": one("select count(*) from uploads"), "pieces": one("select count(*) from upload_pieces"),
                    "chunks without a holder": one("select count(*) from cache_chunks where blob not in (select blob from upload_chunks)"),
                    "blobs of none": len({path.name for path in blobs(world)}
                                         - {row[0].rsplit("/", 1)[1] for row in database.execute("select blob from cache_chunks")})}
    wanted = {"caches": count, "whole": count, "uploads": count, "pieces": 0, "chunks without a holder": 0, "blobs of none": 0}
    wait_until(lambda: found() == wanted, SECONDS, lambda: f"{wanted}; {found()}")


ACTIONS = {action.__name__: action for action in (wait_for_blobs, end_the_time_of_what_is_half, only_caches_are_stored)}
