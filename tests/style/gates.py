"""gates.py - the rules of this tree, each an executable gate with an example that it must refuse.

One idea: a gate is a row of GATES: its name, its check, its example. The example (a small tree of files) is run first, so that
a gate that has gone blind fails loudly. There is no list of exceptions. A check yields (file, line, what is wrong and what to do).
"""

import pathlib
import re
import subprocess

from tree import line_of, without_comments, without_comments_and_strings

FUNCTION_LINES = 60
COMPLEXITY = 15  # pmccabe's first column: McCabe with a switch counted once
FILE_LINES = 600
HEADER_LINES = 120

BANNED = {
    "strcpy": "use buffer.h or snprintf", "strcat": "use buffer.h", "sprintf": "use snprintf or buffer.h",
    "vsprintf": "use vsnprintf or buffer.h", "gets": "use fgets or getline", "strtok": "use strchr or strtok_r",
    "atoi": "use strtol and look at the end", "atol": "use strtol and look at the end",
    "alloca": "use the turn's arena", "system": "use posix_spawn", "popen": "use posix_spawn and a pipe",
    "fork": "use posix_spawn", "vfork": "use posix_spawn", "signal": "use sigaction or sigwait",
    "rand": "use getrandom or libsodium", "usleep": "wait for a condition with a deadline",
    "sleep": "wait for a condition with a deadline",
}

# What a room may include beside itself. A service's own folder is checked apart.
ROOMS = {
    "common": set(), "proto": {"common"}, "workflow": {"common"}, "db": {"common"},
    "services": {"common", "proto", "workflow"}, "gateway": {"common", "proto"},
    "agent": {"common", "proto", "workflow"},
}
FREE_ROOMS = {"cli", "tests"}


def format_is_ours(tree):
    names = tree.c_names()
    if not names:
        return
    style = tree.root / ".clang-format"
    run = subprocess.run(["clang-format", "--dry-run", "-Werror", f"--style=file:{style}", *names],
                         cwd=tree.root, capture_output=True, text=True)
    first = {}
    for name, line in re.findall(r"^([^:\n]+):(\d+):\d+: error: ", run.stderr, re.M):
        first.setdefault(name, int(line))
    for name, line in first.items():
        yield name, line, "not formatted, from here on: run clang-format -i on it"
    if run.returncode and "error: code should be" not in run.stderr:
        yield ".clang-format", 1, f"clang-format failed: {run.stderr.strip()[:200]}"


def functions(tree):
    """(file, line, name, complexity, lines) of every function."""
    names = tree.c_names()
    run = subprocess.run(["pmccabe", *names], cwd=tree.root, check=True, capture_output=True, text=True)
    for row in run.stdout.splitlines():
        complexity, _, _, line, lines, place = row.split(None, 5)
        file, name = re.match(r"(.+?)\(\d+\): (.*)", place).groups()
        yield file, int(line), name, int(complexity), int(lines)


def functions_are_short(tree):
    for file, line, name, _, lines in functions(tree):
        if lines > FUNCTION_LINES:
            yield file, line, f"{name} has {lines} lines (at most {FUNCTION_LINES}): split it"


def functions_are_simple(tree):
    for file, line, name, complexity, _ in functions(tree):
        if complexity > COMPLEXITY:
            yield file, line, f"{name} has complexity {complexity} (at most {COMPLEXITY}): split it or use a table"


def files_are_small(tree):
    for name, text in tree.where(lambda name: name.endswith((".c", ".h", ".py", ".sh", ".sql"))):
        most = HEADER_LINES if name.endswith(".h") else FILE_LINES
        if text.count("\n") > most:
            yield name, most + 1, f"{text.count(chr(10))} lines (at most {most}): split it by noun"


def no_banned_calls(tree):
    call = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(BANNED))
    for name, text in tree.c():
        code = without_comments_and_strings(text)
        for found in call.finditer(code):
            yield name, line_of(code, found.start()), f"{found[1]} is banned: {BANNED[found[1]]}"


def includes(text):
    """(line, path, is quoted) of every #include."""
    code = without_comments(text)
    for found in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', code, re.M):
        yield line_of(code, found.start()), found[2], found[1] == '"'


# Programs and what hosts services may put the parts together: services/*.h and db/*.h, which know no service.
HOST = re.compile(r"services/[^/]+\.[ch]|(services/[^/]+|gateway)/main\.c")
HOSTING = re.compile(r"(services|db)/[^/]+\.h")


def arrow_is_legal(name, include):
    if HOST.fullmatch(name) and HOSTING.fullmatch(include):
        return True
    room, target = name.split("/")[0], include.split("/")[0]
    if room == "services" and target == "services":
        return name.split("/")[:-1][:2] == include.split("/")[:-1][:2]  # Its own folder only
    if room == "services" and include == "db/migrations.h":
        return True
    return target == room or room in FREE_ROOMS or target in ROOMS.get(room, set())


def arrows_run_down(tree):
    for name, text in tree.c():
        for line, include, quoted in includes(text):
            if quoted and "/" not in include:
                yield name, line, f'"{include}": write the path from the root of the tree'
            elif quoted and not arrow_is_legal(name, include):
                yield name, line, f'"{include}" is not for this room (DESIGN: arrows run down only): meet in messages'


# The engine runs jobs for whoever asks: it knows the states, and the messages only where artifacts pass through.
ENGINE = "agent/engine/"
DOCKER_CLIENT = "agent/engine/docker/docker.c"
ENGINE_MESSAGES = re.compile(r"agent/engine/(builtin|checkout)/(artifact_port\.h|builtin_\w+\.c)")


def engine_knows_no_server(tree):
    for name, text in tree.where(lambda name: name.startswith(ENGINE) and name.endswith((".c", ".h"))):
        for line, include, quoted in includes(text):
            if include == "curl/curl.h" or (include.startswith("common/http/") and name != DOCKER_CLIENT):
                yield name, line, f'"{include}": the engine speaks to no server but that of its containers, in {DOCKER_CLIENT}'
            elif include.startswith("agent/") and not include.startswith(ENGINE):
                yield name, line, f'"{include}": the engine must not know the agent around it; add to engine_sink_t or a port'
            elif include.startswith("proto/") and include != "proto/states.h" and not ENGINE_MESSAGES.fullmatch(name):
                yield name, line, f'"{include}": the engine knows proto/states.h alone'


# Within the scheduler: what each folder may include beside its own. What decides is plain values in and out. The files that are in no
# folder put the service together, and no folder knows them.
SCHEDULER = "services/scheduler/"
SCHEDULER_FOLDERS = {"base": set(), "store": {"base"}, "unit": {"base", "store"}, "run": {"base", "store", "unit", "failure"},
                     "dispatch": {"base", "store", "unit", "run/engine.h"}, "time": {"base", "store", "unit", "run", "dispatch"},
                     "api": {"base", "store", "unit", "run", "dispatch", "time", "failure"},
                     "failure": set()}
SCHEDULER_PURE = re.compile(r"(run/(dag\w*|groups)|failure/\w+|time/zone)\.[ch]")


def scheduler_arrow_is_legal(name, include):
    name, include = name.removeprefix(SCHEDULER), include.removeprefix(SCHEDULER)
    room, target = name.split("/")[0], include.split("/")[0]
    if "/" not in name:
        return True
    if SCHEDULER_PURE.fullmatch(name) and target in ("store", "unit"):
        return False
    return room == target or bool({target, include} & SCHEDULER_FOLDERS.get(room, set()))


def scheduler_arrows_run_down(tree):
    for name, text in tree.c():
        for line, include, _ in includes(text):
            if name.startswith(SCHEDULER) and include.startswith(SCHEDULER) and not scheduler_arrow_is_legal(name, include):
                yield name, line, (f'"{include}" is not for this file: api -> time -> run, dispatch -> unit -> store -> base; dispatch calls '
                                   "run by engine.h alone, run never dispatch; what is pure knows neither store nor unit")


# Within a room: a folder includes itself and those before it. In the rooms of OPEN, files in no folder put the whole together.
LAYERS = {"common": ("base", "report", "os", "zip", "settings", "blob", "db", "bus", "actor", "http", "s3"),
          "workflow": ("expression", "yaml", "schema", "model", "plan", "lint"),
          "agent/engine": ("process", "folder", "output", "builtin", "actions", "checkout", "docker", "state", "log", "effects", "step",
                           "container", "handlers", "job"),
          "cli": ("terminal", "command", "files", "server", "show", "lint", "import", "plan", "actions", "up", "run", "mcp", "doctor", "commands")}
OPEN = {"agent/engine", "cli"}


def folders_have_layers(tree):
    for room, layers in LAYERS.items():
        for name, text in tree.where(lambda name: name.startswith(f"{room}/") and name.endswith((".c", ".h"))):
            folder, inside, _ = name.removeprefix(f"{room}/").partition("/")
            if not inside and room in OPEN:
                continue
            if folder not in layers:
                yield name, 1, f"{room}/{folder} has no layer: add it to LAYERS in tests/style/gates.py"
                continue
            for line, include, _ in includes(text):
                other = include.removeprefix(f"{room}/").split("/")[0] if include.startswith(f"{room}/") else folder
                if other not in layers or layers.index(other) > layers.index(folder):
                    yield name, line, f'"{include}": {folder} is below {other} ({" < ".join(layers)})'


def no_circle_of_includes(tree):
    """A file that includes itself by way of others can be read on its own by nobody."""
    files = dict(tree.c())
    goes = {name: [(line, include) for line, include, quoted in includes(text) if quoted and include in files] for name, text in files.items()}
    state = {}  # 1 on the way down, 2 done

    def walk(name, way):
        state[name] = 1
        for line, include in goes[name]:
            if state.get(include) == 1:
                yield name, line, "a circle of includes: " + " > ".join([*way[way.index(include):], include])
            elif include not in state:
                yield from walk(include, [*way, include])
        state[name] = 2

    for name in files:
        if name not in state:
            yield from walk(name, [name])


def libraries_stay_in_their_rooms(tree):
    for name, text in tree.c():
        for line, include, _ in includes(text):
            if include == "curl/curl.h" and not name.startswith(("common/blob/", "common/http/")):
                yield name, line, "only common/http/ and common/blob/ know curl: send by common/http/http_client.h"


SQL = re.compile(r"^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|alter\s+table\s|"
                 r"create\s+(unique\s+)?(table|index)\s|pragma\s)", re.I | re.S)


def sql_lives_in_stores(tree):
    literals = re.compile(r'"(?:\\.|[^"\\\n])*"(?:\s*"(?:\\.|[^"\\\n])*")*')
    for name, text in tree.c():
        if name.startswith(("common/db", "db/", "tests/")) or name.endswith("_store.c"):
            continue
        code = without_comments(text)
        for found in literals.finditer(code):
            if SQL.match(re.sub(r'"\s*"', "", found[0])[1:-1] + " "):
                yield name, line_of(code, found.start()), "an SQL statement: it belongs in a *_store.c file"


def nothing_is_unfinished(tree):
    marks = re.compile(r"\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b|(?i:\bf[o]r now\b|\bp[l]aceholder\b(?!=))")
    kinds = (".c", ".h", ".py", ".sh", ".sql", ".md", ".txt", ".yml", ".yaml", ".ts", ".svelte", ".cmake")
    scripts = set(tree.scripts())
    for name, text in tree.where(lambda name: name.endswith(kinds) or name in scripts):
        for found in marks.finditer(text):
            yield name, line_of(text, found.start()), f'"{found[0]}": finish it or leave it out'


def no_stray_blanks(tree):
    for name, text in tree.c():
        for number, line in enumerate(text.split("\n"), 1):
            if "\t" in line or line != line.rstrip():
                yield name, number, "a tab or a blank at the end: use spaces, and none at the end"


def guards_are_unique(tree):
    """Of two headers with one guard a file that includes both gets the first alone."""
    seen = {}
    for name, text in tree.c():
        found = re.search(r"(?m)^#ifndef (\w+_H)\n#define \1$", text) if name.endswith(".h") else None
        if found and seen.setdefault(found[1], name) != name:
            yield name, line_of(text, found.start()), f"{seen[found[1]]} has this guard too: name it after the whole path"


def handlers_are_named_after_their_message(tree):
    by_hand = re.compile(r"\bfault_t\s+handle_\w+\s*\(void\b|\{\s*MSG_\w+\s*,\s*\w+\s*\}")
    for name, text in tree.where(lambda name: name.startswith("services/") and name.endswith((".c", ".h"))):
        for found in by_hand.finditer(text):
            yield name, line_of(text, found.start()), "a handler written by hand: use HANDLER and HANDLER_ROW of actor.h"


TYPE = re.compile(r"^typedef\b(?:[^;{}]|\{(?:[^{}]|\{[^{}]*\})*\})*?\b(\w+)(?:\[\w+\])?;|"  # struct, enum, alias
                  r"^typedef\b[^;{}()]*\(\*?(\w+)\)\s*\(|"  # Pointer to function
                  r"^typedef\b[^;{}()]*?\b(\w+) \(|"  # Function
                  r"^(?:typedef )?((?:struct|enum|union) \w+)\s*\{", re.M)


def types(text):
    """(line, name) of every type that a text declares; a tag has its struct, enum or union before it."""
    code = without_comments_and_strings(text)
    for found in TYPE.finditer(code):
        names = [found[1] or found[2] or found[3] or found[4], *re.findall(r"^typedef ((?:struct|enum|union) \w+)\s*\{", found[0])]
        yield from ((line_of(code, found.start()), name) for name in names)


def type_names_are_unique(tree):
    """One name, one type: no header declares what another file declares too. What only .c files declare is their own affair."""
    public = {}
    files = [(name, text) for name, text in tree.c() if not name.startswith("tests/")]
    for name, text in sorted(files, key=lambda file: not file[0].endswith(".h")):  # Headers first
        for line, what in types(text):
            if name.endswith(".h"):
                first = public.setdefault(what, name)
            elif " " in what:  # The .c file that fills in its header's struct
                continue
            else:
                first = public.get(what, name)
            if first != name:
                yield name, line, f"{first} declares {what} too: name each for its thing"


BODY = 100  # Letters of a body, blanks aside: below it two functions may say the same by chance
FUNCTION = re.compile(r"^\w[^\n;{}]*?\b(\w+) \([^;{}]*\)\n\{\n(.*?)^\}", re.M | re.S)


def bodies_are_unique(tree):
    seen = {}
    for name, text in tree.c():
        code = without_comments(text)
        for found in FUNCTION.finditer(code):
            body = re.sub(r"\s+", "", found[2])
            if len(body) > BODY:
                first = seen.setdefault(body, f"{found[1]} in {name}")
                if first != f"{found[1]} in {name}":
                    yield name, line_of(code, found.start()), f"{found[1]} does what {first} does: keep one, where both can reach it"


def function_names_are_unique(tree):
    """Of two libraries that have one, a linker takes the first without a word, whatever its arguments are."""
    seen = {}
    for name, text in tree.c():
        if name.startswith("tests/"):  # Programs of their own
            continue
        code = without_comments_and_strings(text)
        for found in FUNCTION.finditer(code):
            if found[0].startswith("static ") or found[1] == "main":
                continue
            first = seen.setdefault(found[1], name)
            if first != name:
                yield name, line_of(code, found.start()), f"{first} has a {found[1]} too: make one static, or name each for its thing"


def files_say_what_they_are(tree):
    for name, text in tree.c():
        if not text.startswith(("/*", "//")):
            yield name, 1, "begin with a comment: what it is, the one idea, what it refuses to do"


def tests_never_sleep(tree):
    python, shell = set(tree.python()), set(tree.scripts())
    for name, text in tree.where(lambda name: name.startswith("tests/")):
        if name.endswith((".c", ".h")):
            text, rule = without_comments_and_strings(text), r"\b(u|nano|clock_nano|zclock_)?sleep\s*\("
        elif name in python:
            rule = r"\bsleep\s*\("
        elif name in shell:
            rule = r"(?m)(^|[;&|(]|\bdo\b)\s*sleep\s+[\d$.]"
        else:
            continue
        for found in re.finditer(rule, text):
            yield name, line_of(text, found.start()), "a test sleeps: wait for a condition with a deadline"


# Turns of phrase that a reader of English stumbles over, and what to write. Only those that can be found without finding others.
PHRASES = {
    r"(?<!here )\b[iI]s no (?:number|ref|parameter|word|path|name|key|text|file|folder|repository|object|list|map|state|hash)\b": '"is not a ..."',
    r"\b(?:is|are) good no more\b": '"is revoked", "has expired"',
    r"\bwithout a word\b": '"silently"',
    r"\b[lL]ast word\b": '"final status"',
    r"\bfor so long(?! as)\b": '"for this long"',
    r"\b(?:nobody|somebody|who) hears\b|\b[hH]eard of\b|\bhears of\b": '"receives", "is notified", "seen"',
    r"\bstands? behind\b": '"follows"',
    r"\b(?:is|was|were|are|been) told\b": '"is reported", "is asked"',
    r"\bits word about\b": '"report"',
}
SWEPT = ("common/", "proto/", "services/", "gateway/", "cli/", "agent/", "workflow/", "docs/", "README.md")


def english_is_idiomatic(tree):
    for name, text in tree.where(lambda name: name.startswith(SWEPT) and name.endswith((".c", ".h", ".md"))):
        for phrase, better in PHRASES.items():
            for found in re.finditer(phrase, text):
                yield name, line_of(text, found.start()), f'"{found[0]}": write {better}'


def no_paths_of_one_machine(tree):
    path = re.compile(r"(?<![\w.}])/(work|farm|tmp/build[\w-]*|tmp/bash_jobs[\w.]*)/")
    for name, text in tree.where(lambda name: not name.endswith((".png", ".ico", ".woff2", ".gz", ".zst"))):
        for found in path.finditer(text):
            yield name, line_of(text, found.start()), f'"{found[0]}" is a path of one machine: take it from the environment'
    for name in tree.links:
        if (tree.root / name).readlink().is_absolute():
            yield name, 1, "a link to a path of one machine: leave it out"


def shell_is_clean(tree):
    names = tree.scripts()
    if not names:
        return
    run = subprocess.run(["shellcheck", "-x", "-f", "gcc", *names], cwd=tree.root, capture_output=True, text=True)
    for name, line, what in re.findall(r"^([^:\n]+):(\d+):\d+: (.*)$", run.stdout, re.M):
        yield name, int(line), what
    if run.returncode > 1:
        yield names[0], 1, f"shellcheck failed: {run.stderr.strip()[:200]}"


TOP = "/* a.c - an example. */\n"
LONG = TOP + "int a (void)\n{\n" + "    a ();\n" * FUNCTION_LINES + "    return 0;\n}\n"
KNOTTED = TOP + "int a (int b)\n{\n" + "    if (b)\n        b--;\n" * COMPLEXITY + "    return b;\n}\n"
SAME = "static int {} (int d)\n{{\n    int number = 0;\n" + "    number += d; // Same\n" * 10 + "    return number;\n}}\n"

# (name, check, examples that must be refused, each a tree of its own)
GATES = [
    ("the format is .clang-format's", format_is_ours, [{"common/a.c": TOP + "int  a;\n"}]),
    (f"a function has at most {FUNCTION_LINES} lines", functions_are_short, [{"common/a.c": LONG}]),
    (f"a function's complexity is at most {COMPLEXITY}", functions_are_simple, [{"common/a.c": KNOTTED}]),
    (f"a file has at most {FILE_LINES} lines, a header {HEADER_LINES}", files_are_small,
     [{"common/a.c": "\n" * (FILE_LINES + 1)}, {"common/a.h": "\n" * (HEADER_LINES + 1)}]),
    ("no banned calls", no_banned_calls,
     [{"common/a.c": TOP + f"int a (void)\n{{\n    return {call} (0);\n}}\n"} for call in BANNED]),
    ("arrows between rooms run down", arrows_run_down,
     [{name: TOP + f'#include "{include}"\n'} for name, include in (
         ("common/a.c", "proto/proto.h"), ("proto/a.c", "workflow/value.h"), ("workflow/a.h", "proto/proto.h"),
         ("db/a.c", "proto/proto.h"), ("services/logs/a.c", "services/scheduler/run_store.h"),
         ("services/logs/a.c", "services/host.h"), ("services/host.c", "services/logs/service.h"),
         ("gateway/a.c", "db/open.h"), ("services/logs/main.c", "services/scm/scm.h"), ("agent/main.c", "db/open.h"), ("services/logs/a.c", "db/other.h"), ("services/logs/a.c", "gateway/route.h"),
         ("gateway/a.c", "services/logs/logs.h"), ("gateway/a.c", "db/migrations.h"), ("gateway/a.c", "workflow/value.h"),
         ("agent/a.c", "db/migrations.h"), ("agent/a.c", "gateway/route.h"), ("common/a.c", "buffer.h"))]),
    ("arrows within the scheduler run down", scheduler_arrows_run_down,
     [{f"services/scheduler/{name}": TOP + f'#include "services/scheduler/{include}"\n'} for name, include in (
         ("run/a.c", "dispatch/claim.h"), ("run/a.c", "api/view.h"), ("run/a.c", "time/tick.h"),
         ("dispatch/a.c", "run/run_model.h"), ("dispatch/a.c", "api/view.h"), ("store/a_store.c", "run/dag.h"),
         ("store/a_store.c", "dispatch/match.h"), ("time/a.c", "api/view.h"), ("run/dag_a.c", "store/job_store.h"),
         ("run/groups.c", "store/run_store.h"), ("run/dag.h", "unit/self.h"), ("time/zone.c", "store/run_store.h"),
         ("base/labels.c", "store/run_store.h"), ("store/a_store.c", "unit/self.h"), ("unit/unit.c", "dispatch/claim.h"),
         ("run/a.c", "scheduler.h"))]),
    ("folders of a room have layers, and arrows run down", folders_have_layers,
     [{name: TOP + f'#include "{include}"\n'} for name, include in (
         ("common/base/a.c", "common/os/file.h"), ("common/db/a.h", "common/actor/actor.h"), ("common/new/a.c", "common/base/arena.h"),
         ("common/a.c", "common/base/arena.h"), ("workflow/model/a.c", "workflow/plan/plan.h"),
         ("agent/engine/log/a.c", "agent/engine/step/a.h"), ("agent/engine/state/a.h", "agent/engine/engine.h"),
         ("cli/terminal/a.c", "cli/server/server.h"), ("cli/new/a.c", "cli/terminal/paint.h"),
         ("workflow/schema/a.c", "workflow/model/job.h"))]),
    ("no circle of includes", no_circle_of_includes,
     [{f"common/base/{a}.h": TOP + f'#include "common/base/{b}.h"\n' for a, b in ("ab", "bc", "ca")},
      {"common/base/a.h": TOP + '#include "common/base/a.h"\n'}]),
    ("the run engine knows no server", engine_knows_no_server,
     [{f"agent/engine/{name}": TOP + f"#include {include}\n"} for name, include in (
         ("a.c", '"agent/server_api.h"'), ("a.h", '"agent/attempt.h"'), ("a.c", '"proto/messages.h"'),
         ("a.c", '"common/http/signature.h"'), ("a.c", "<curl/curl.h>"))]),
    ("curl stays in its rooms", libraries_stay_in_their_rooms,
     [{name: TOP + f"#include <{include}>\n"} for name, include in (
         ("services/logs/a.c", "curl/curl.h"), ("cli/a.c", "curl/curl.h"), ("services/scm/a.c", "curl/curl.h"),
         ("gateway/http_a.c", "curl/curl.h"), ("agent/http.c", "curl/curl.h"), ("tests/unit/a.c", "curl/curl.h"))]),
    ("SQL lives in *_store.c", sql_lives_in_stores,
     [{"services/logs/a.c": TOP + f"const char *a = {sql};\n"} for sql in (
         '"select a "\n    "from b"', '"insert into a values (1)"', '"update a set b = 1"', '"delete from a"',
         '"create table a (b text)"')]),
    ("nothing is marked unfinished", nothing_is_unfinished,
     [{"common/a.c": f"/* {mark} */\n"} for mark in ("TO" "DO", "FIX" "ME", "X" "XX", "HA" "CK", "for " "now", "place" "holder")]),
    ("no tabs, no blanks at the end of a line", no_stray_blanks,
     [{"common/a.c": "/* a */\n\tint a;\n"}, {"common/a.c": "/* a */ \n"}]),
    ("each header has a guard of its own", guards_are_unique,
     [{name: TOP + "#ifndef A_H\n#define A_H\n#endif\n" for name in ("common/a.h", "gateway/a.h")}]),
    ("handlers are named after their message", handlers_are_named_after_their_message,
     [{"services/logs/a.c": TOP + text} for text in (
         "static fault_t handle_a (void *self, turn_t *turn, const void *ask, void *answer)\n{\n}\n",
         "const handler_t a[] = {{MSG_a, handle_b}};\n")]),
    ("no header declares a type of a name that there is already", type_names_are_unique,
     [{"common/a.h": TOP + a, name: TOP + b} for name, a, b in (
         ("gateway/b.h", "typedef struct {\n    int a;\n} a_t;\n", "typedef struct b a_t;\n"),
         ("gateway/b.c", "typedef enum { A } a_t;\n", "typedef int (*a_t) (int a);\n"),
         ("gateway/b.c", "typedef int a_t (int a);\n", "typedef struct {\n    struct {\n        int a;\n    } b;\n} a_t;\n"),
         ("gateway/b.h", "struct a {\n    int a;\n};\n", "typedef struct a {\n    int b;\n} b_t;\n"))]),
    ("no two functions have the same body", bodies_are_unique,
     [{"common/a.c": TOP + SAME.format("a"), "gateway/b.c": TOP + SAME.format("b").replace("    ", "        ")},
      {"common/a.c": TOP + SAME.format("a") + SAME.format("b")}]),
    ("no two files have a function of one name for others", function_names_are_unique,
     [{"common/a.c": TOP + "int a (void)\n{\n}\n", "agent/b.c": TOP + "const char *a (int b)\n{\n}\n"}]),
    ("a C file begins by saying what it is", files_say_what_they_are, [{"common/a.c": "int a;\n"}]),
    ("tests wait for conditions, they never sleep", tests_never_sleep,
     [{"tests/unit/a.c": TOP + "int a = nanosleep (0, 0);\n"}, {"tests/e2e/a.py": "time.sl" "eep (1)\n"},
      {"tests/bench/a": "#!/usr/bin/env python3\ntime.sl" "eep (1)\n"},
      {"tests/a.sh": "#!/bin/sh\nsleep 1\n"}]),
    ("comments and messages are idiomatic English", english_is_idiomatic,
     [{"common/a.c": f"/* a.c - {phrase}. */\n"} for phrase in (
         "x is no number", "the token is good no more", "it fails without a word", "the last word of a job", "silent for so long",
         "the agent is heard of", "who hears it", "it stands behind a comma", "the agent is told", "its word about a job")]),
    ("no path of one machine", no_paths_of_one_machine,
     [{"a.md": "see /wo" "rk/main\n"}, {"common/a.c": TOP + 'const char *a = "/tm' 'p/build-a/x";\n'}, {"web/a": pathlib.PurePath("/usr")}]),
    ("shell scripts pass shellcheck", shell_is_clean, [{"tests/a.sh": "#!/bin/sh\necho $1\n"}]),
]
