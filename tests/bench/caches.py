"""caches.py - what saving and restoring a cache costs beside `tar | zstd` in the same job, and how many bytes travel, and are stored, when 1 % of it changed.

The bytes are base64 of random ones: they pack to three quarters. What changes is next to each other, as a package that was replaced: bytes in
the middle of the large file, or a hundredth of the small ones, in the order in which tar takes them. Spread evenly over small files the same
hundredth would touch nearly every chunk."""

import datetime
import re

from target import GIT, call
from wait import wait_until

SMALL_BYTES = 16 << 10
RUN_SECONDS = 1800
FILL = "head -c {bytes} /dev/urandom | base64 -w 0"
KINDS = {
    "many small files": (FILL + " | head -c {bytes} | split -b {small} -a 6 -d - kept/f",
                         "for f in $(ls kept | sed -n 101,{changed_files}p); do head -c {small} /dev/urandom | base64 -w 0 | head -c {small} > kept/$f; done"),
    "one large file": (FILL + " | head -c {bytes} > kept/f",
                       FILL.replace("{bytes}", "{changed}") + " | head -c {changed} | dd of=kept/f bs=1M oflag=seek_bytes conv=notrunc seek={middle}"),
}
STEPS = """on: workflow_dispatch
jobs:
  bench:
    runs-on: linux
    steps:
      - {{name: make, run: "mkdir kept; {make}"}}
      - {{name: tar, run: "tar --posix -cf - kept | zstd -q -T0 > $RUNNER_TEMP/x"}}
      - {{name: save, uses: actions/cache/save@v4, with: {{path: kept, key: "{key}-1-${{{{ github.run_id }}}}"}}}}
      - {{run: rm -r kept}}
      - {{name: untar, run: "zstd -q -d -c $RUNNER_TEMP/x | tar -xf -; rm $RUNNER_TEMP/x"}}
      - {{run: rm -r kept}}
      - {{name: restore, uses: actions/cache/restore@v4, with: {{path: kept, key: "{key}-1-${{{{ github.run_id }}}}", fail-on-cache-miss: true}}}}
      - {{run: "{change}"}}
      - {{name: again, uses: actions/cache/save@v4, with: {{path: kept, key: "{key}-2-${{{{ github.run_id }}}}"}}}}
"""


def seconds_of(step):
    began, ended = (datetime.datetime.fromisoformat(step[key].replace("Z", "+00:00")) for key in ("started_at", "finished_at"))
    return (ended - began).total_seconds()


def add_workflows(target, mib):
    size = mib << 20
    count = size // SMALL_BYTES
    words = {"bytes": size, "small": SMALL_BYTES, "changed": size // 100, "middle": size // 2, "changed_files": 100 + count // 100}
    for number, (make, change) in enumerate(KINDS.values()):
        text = STEPS.format(make=make.format(**words), change=change.format(**words), key=f"bench{number}")
        (target.folder / f"repository/.github/workflows/caches{number}.yml").write_text(text)
    for arguments in (["add", "-A"], ["commit", "-q", "-m", "Add caches"]):
        call(*GIT, "-C", target.folder / "repository", *arguments)


def measure(target, number):
    """Seconds by the names of steps; the bytes of the second cache, how many of them travelled, and how many both caches have and take."""
    api = target.server.api
    before = api.get("/projects/bench/caches")
    run = api.post("/projects/bench/runs", {"workflow": f"caches{number}.yml", "ref": "main"})["id"]
    wait_until(lambda: api.get(f"/runs/{run}")["state"] == "finished", RUN_SECONDS, "the caches to be saved")
    job = api.get(f"/runs/{run}")["jobs"][0]["id"]
    log = api.ask("GET", f"/jobs/{job}/log").text
    sizes, sent = re.findall(r"Cache Size: ~\d+ MB \((\d+) B\)", log), re.search(r"(\d+) B were sent", log)
    if api.get(f"/runs/{run}")["result"] != "success" or not sent:
        raise SystemExit(f"the caches were not saved: {log[-2000:]}")
    after = api.get("/projects/bench/caches")
    both, stored = (after[key] - before[key] for key in ("bytes", "stored_bytes"))
    return {step["name"]: seconds_of(step) for step in api.get(f"/jobs/{job}")["steps"]}, int(sizes[-1]), int(sent[1]), both, stored


def show(table, mib, target):
    target.add_project()
    add_workflows(target, mib)
    for number, kind in enumerate(KINDS):
        seconds, size, sent, both, stored = measure(target, number)
        for name, beside in (("save", "tar"), ("restore", "untar")):
            table.row(f"{name} {mib} MiB, {kind}, MB/s", *(f"{(mib << 20) / 1e6 / seconds[one]:.0f}" for one in (beside, name)),
                      f"{seconds[name] / seconds[beside]:.2f} x")
        table.row(f"save {mib} MiB again after 1 % changed, MB/s", f"{(mib << 20) / 1e6 / seconds['tar']:.0f}", f"{(mib << 20) / 1e6 / seconds['again']:.0f}",
                  f"{seconds['again'] / seconds['tar']:.2f} x")
        table.row("... packed / travelled, MB", f"{size / 1e6:.1f}", f"{sent / 1e6:.1f}", f"{sent / size * 100:.1f} %")
        table.row("... bytes of both / stored, MB", f"{both / 1e6:.1f}", f"{stored / 1e6:.1f}", f"{stored / both * 100:.1f} %")
    table.print()
