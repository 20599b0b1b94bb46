"""tree.py - the files that the gates look at, and C text without its comments or strings.

One idea: a gate asks the tree for files by kind and gets (path, text); line numbers survive every view of a text.
"""

import pathlib
import re
import subprocess

C_TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')""", re.S)


def blank(text):
    """The same number of lines, nothing on them."""
    return re.sub(r"[^\n]", " ", text)


def without_comments(text):
    return C_TOKEN.sub(lambda m: blank(m[0]) if m["comment"] else m[0], text)


def without_comments_and_strings(text):
    return C_TOKEN.sub(lambda m: blank(m[0]), text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


class Tree:
    def __init__(self, root, files):
        self.root = pathlib.Path(root)
        self.links = sorted(name for name in files if (self.root / name).is_symlink())
        self.files = sorted(set(files) - set(self.links))

    @classmethod
    def of_git(cls, root):
        """What git tracks, and what it would track: new files are judged before they are committed."""
        listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "-co", "--exclude-standard"],
                                check=True, capture_output=True, text=True).stdout.split("\0")
        paths = [(name, pathlib.Path(root) / name) for name in listed if name]
        return cls(root, [name for name, path in paths if path.is_file() or path.is_symlink()])

    def text(self, name):
        return (self.root / name).read_text(encoding="utf-8", errors="replace")

    def where(self, test):
        return [(name, self.text(name)) for name in self.files if test(name)]

    def c_names(self):
        return [name for name in self.files if name.endswith((".c", ".h"))]

    def c(self):
        return self.where(lambda name: name.endswith((".c", ".h")))

    def scripts(self):
        """Shell scripts, by ending or by first line."""
        return [name for name in self.files if name.endswith(".sh") or self.first_line_is(name, rb"(ba|da)?sh")]

    def python(self):
        return [name for name in self.files if name.endswith(".py") or self.first_line_is(name, rb"python\d*")]

    def first_line_is(self, name, program):
        if pathlib.PurePath(name).suffix:
            return False
        with open(self.root / name, "rb") as file:
            return re.match(rb"#!.*\b" + program + rb"\b", file.readline(200)) is not None
