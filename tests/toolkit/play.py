"""play.py PROGRAM FOLDER - plays artifacts.mjs with each of the packages in FOLDER/node_modules. A promise that holds counts as passed."""

import hashlib
import json
import os
import pathlib
import subprocess
import sys

from held_job import LEASE, HeldJob, Server

PLAY_SECONDS = 300
PACKAGES = {"artifact-2": [], "artifact-6": ["raw"]}  # The later ones keep one file as it is


def upload_builtin(job):
    """As the builtin action does: its files named first. Gives its number."""
    data = b"from the API"
    sum_ = hashlib.sha256(data).hexdigest()
    path, token = f"/jobs/{job.offer['job']}/artifacts", job.offer["token"]
    files = [{"path": "folder/x.txt", "size": len(data), "sha256": sum_, "mode": 0o644}]
    begun = job.api.ask("POST", path, {"attempt": job.offer["attempt"], "name": "builtin", "files": files}, token=token).json
    job.api.ask("PUT", f"/artifacts/{begun['id']}/parts/0", data, token=token)
    return job.api.ask("POST", f"/artifacts/{begun['id']}/finish", {"sha256": sum_}, token=token).json["number"]


def play(package, more, folder, environment):
    """How many promises held, and what went wrong, or None."""
    home = folder / "node_modules" / package
    main = home / json.loads((home / "package.json").read_text())["main"]
    script = pathlib.Path(__file__).resolve().parent / "artifacts.mjs"
    try:
        done = subprocess.run(["node", str(script), str(main), package, *more], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=PLAY_SECONDS)
    except subprocess.TimeoutExpired:
        return 0, f"it did not end within {PLAY_SECONDS} s"
    held = sum(line.startswith("ok ") for line in done.stdout.splitlines())
    return held, None if done.returncode == 0 else (done.stdout + done.stderr)[-4000:]


def check_files(job):
    """What a package sent as a zip is seen file by file."""
    listed = [one for one in job.api.get(f"/jobs/{job.offer['job']}/artifacts")["items"] if one["name"].startswith("small-")]
    for one in listed:
        paths = [file["path"] for file in job.api.get(f"/artifacts/{one['id']}")["files"]]
        text = job.api.ask("GET", f"/artifacts/{one['id']}/files/a.txt").body
        if sorted(paths) != ["a.txt", "deep/b.bin", "empty"] or text != b"hello":
            return f"{one['name']} has {paths}, and a.txt is {text}"
    return None if len(listed) == len(PACKAGES) else f"{len(listed)} are left"


def main():
    program, folder = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    passed = failed = 0
    server = Server(program, folder, LEASE, agents=0).start()
    try:
        job = HeldJob(server).take()
        environment = {**os.environ, **job.environment(folder), "BUILTIN_ID": str(upload_builtin(job))}
        for package, more in PACKAGES.items():
            held, problem = play(package, more, folder, environment)
            passed += held
            if problem:
                print(f"FAIL {package}\n{problem}")
                failed += 1
        problem = check_files(job)
        job.end()
    finally:
        stopped = server.stop()
    for problem in filter(None, [problem, stopped]):
        print(f"FAIL {problem}\n{server.log_tail()}")
        failed += 1
    print(f"{passed + 1} passed, {failed} failed" if not failed else f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
