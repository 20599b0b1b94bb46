"""match.py - compares what came with what a scenario expects; says every difference with its path.

An object expects its keys and leaves others alone, a list expects all its items in order, anything else expects itself. Besides:
{"matches": REGEX}, {"has": [TEXT...]}, {"lacks": [TEXT...]}, {"at_least": N}, {"at_most": N}, {"length_is": N} (of a list).
"""

import json
import re

WORDS = {
    "matches": lambda got, want: re.search(want, str(got)) is not None,
    "has": lambda got, want: all(text in str(got) for text in want),
    "lacks": lambda got, want: not any(text in str(got) for text in want),
    "at_least": lambda got, want: got is not None and got >= want,
    "at_most": lambda got, want: got is not None and got <= want,
    "length_is": lambda got, want: len(got or []) == want,
}


def brief(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 400 else f"{text[:200]} ... {text[-200:]}"


def differences(got, want, path):
    if isinstance(want, dict) and want and set(want) <= set(WORDS):
        for word, argument in want.items():
            if not WORDS[word](got, argument):
                yield f"{path} is {brief(got)}, which fails {word} {brief(argument)}"
    elif isinstance(want, dict):
        for key, inner in want.items():
            if not isinstance(got, dict):
                yield f"{path} is {brief(got)}, not an object"
                return
            yield from differences(got.get(key), inner, f"{path}.{key}")
    elif isinstance(want, list):
        if not isinstance(got, list) or len(got) != len(want):
            yield f"{path} is {brief(got)}, not {len(want)} items like {brief(want)}"
            return
        for index, inner in enumerate(want):
            yield from differences(got[index], inner, f"{path}[{index}]")
    elif got != want:
        yield f"{path} is {brief(got)}, not {brief(want)}"


# (what came, what was expected, how many differences): the harness checks itself by these before it judges anybody.
EXAMPLES = [
    ({"a": 1, "b": 2}, {"a": 1}, 0), ({"a": 1}, {"a": 2}, 1), ({"a": 1}, {"b": 1}, 1), (None, {"a": 1}, 1),
    ([1, 2], [1, 2], 0), ([1, 2], [1], 1), ([1], [2], 1), ("1", 1, 1), (None, "", 1), ("abc", {"matches": "^b"}, 1),
    ("abc", {"matches": "b"}, 0), ("abc", {"has": ["a", "x"]}, 1), ("abc", {"lacks": ["b"]}, 1), ("abc", {"lacks": ["x"]}, 0),
    (3, {"at_least": 4}, 1), (3, {"at_most": 2}, 1), (None, {"at_least": 0}, 1), ([1], {"length_is": 2}, 1),
    ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, 1), ({"a": 1, "b": 2}, {"a": 3, "b": 4}, 2),
]


def blind_spots():
    """Examples that were not judged as they should be."""
    return [f"{got!r} against {want!r} should give {count} differences" for got, want, count in EXAMPLES
            if len(list(differences(got, want, "it"))) != count]
