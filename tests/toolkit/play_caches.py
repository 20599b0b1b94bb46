"""play_caches.py PROGRAM FOLDER - plays caches.mjs with each of the packages in FOLDER/node_modules, in both versions of the protocol where a
package speaks both. A promise that holds counts as passed."""

import json
import os
import pathlib
import subprocess
import sys

from held_job import LEASE, HeldJob, Server

PLAY_SECONDS = 300
PACKAGES = ["cache-3", "cache-4", "cache-5", "cache-6"]
HONEST, LIKE_GITHUB = "http://ci.example.org", "http://opencicd.ghe.localhost"
# Version 2 only where the server looks like GitHub's, and from 4 on
PLAYS = [(package, HONEST) for package in PACKAGES] + [(package, LIKE_GITHUB) for package in PACKAGES[1:]]
GIT = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"]


def make_repository(folder):
    repository = folder / "repository"
    repository.mkdir()
    (repository / "a.txt").write_text("a")
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
        subprocess.run([*GIT, "-C", repository, *command], check=True, stdin=subprocess.DEVNULL)
    return repository


def play(package, server_url, folder, environment):
    """How many promises held, and what went wrong, or None."""
    home = folder / "node_modules" / package
    main = home / json.loads((home / "package.json").read_text())["main"]
    script = pathlib.Path(__file__).resolve().parent / "caches.mjs"
    tag = f"{package}-{'v2' if server_url == LIKE_GITHUB and package != 'cache-3' else 'v1'}"
    environment = {**environment, "GITHUB_SERVER_URL": server_url}
    try:
        done = subprocess.run(["node", str(script), str(main), tag], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=PLAY_SECONDS)
    except subprocess.TimeoutExpired:
        return 0, f"it did not end within {PLAY_SECONDS} s"
    held = sum(line.startswith("ok ") for line in done.stdout.splitlines())
    return held, None if done.returncode == 0 else f"{tag}\n" + (done.stdout + done.stderr)[-4000:]


def check_listed(job):
    """Each play saved one cache, under the branch of its job's run."""
    page = job.api.get("/projects/site/caches")
    found = sorted(one["key"] for one in page["items"] if one["ref"] == "refs/heads/main" and one["size"] > 40 << 20)
    if len(found) == len(PLAYS) == page["count"]:
        return None
    return f"the project has {page['count']} caches, of the branch {found}"


def check_versions(api):
    """Was each version of the protocol spoken by the plays that are meant to?"""
    lines = api.ask("GET", "/metrics").text.splitlines()
    saved = {version: sum(int(line.split()[-1]) for line in lines if line.startswith("opencicd_http_requests_total") and route in line)
             for version, route in (("v1", "POST /_apis/artifactcache/caches 2"), ("v2", "CacheService/CreateCacheEntry 2"))}
    # Version 2 answers 200 also where the key is taken
    return None if saved == {"v1": 4, "v2": 6} else f"begun to save: {saved}"


def main():
    program, folder = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    passed = failed = 0
    problem = None
    server = Server(program, folder, LEASE, agents=0).start()
    try:
        server.api.post("/projects", {"name": "site", "url": str(make_repository(folder))})
        job = HeldJob(server).take(project="site")
        environment = {**os.environ, **job.environment(folder)}
        for package, server_url in PLAYS:
            held, wrong = play(package, server_url, folder, environment)
            passed += held
            if wrong:
                print(f"FAIL {package}: {wrong}")
                failed += 1
        problem = check_listed(job) or check_versions(job.api)
        job.end()
    finally:
        stopped = server.stop()
    for one in filter(None, [problem, stopped]):
        print(f"FAIL {one}\n{server.log_tail()}")
        failed += 1
    print(f"{passed + 1} passed, {failed} failed" if not failed else f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
