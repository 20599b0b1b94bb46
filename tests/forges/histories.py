"""histories.py PROGRAM FOLDER - random histories: pushes, force pushes, branches and tags that come and go, pull requests; their deliveries are
lost, repeated and disordered. In the end every head has run, and none twice. Seeds are printed with what failed.

FORGE_HISTORIES: how many (default 12). FORGE_SEED: of the first.
"""

import os
import random
import sys

from world import check, play

STEPS = 14
KINDS = ("github", "gitea", "gitlab")


class History:
    def __init__(self, world, kind, seed):
        self.world, self.random = world, random.Random(f"{kind} {seed}")
        self.repository = world.repository(world.forge(kind), f"acme/h{seed}-{kind}")
        self.commits = [self.repository.head("refs/heads/main")]
        self.waiting = []
        self.created = 0

    def branches(self):
        return [ref for ref in self.repository.refs() if ref.startswith("refs/heads/")]

    def commit(self):
        """On top of any commit there was: a push of it may be forced."""
        self.commits.append(self.repository.commit(message=str(len(self.commits)), onto=self.random.choice(self.commits)))
        return self.commits[-1]

    def push(self):
        return self.repository.push(self.random.choice(self.branches()), self.commit())

    def branch(self):
        self.created += 1
        return self.repository.push(f"refs/heads/b{self.created}", self.commit())

    def tag(self):
        self.created += 1
        return self.repository.push(f"refs/tags/v{self.created}", self.random.choice(self.commits))

    def remove(self):
        used = {"refs/heads/" + pull["branch"] for pull in self.repository.pulls.values() if pull["open"]}
        free = [ref for ref in self.branches() if ref != "refs/heads/main" and ref not in used]
        return self.repository.push(self.random.choice(free), None) if free else []

    def pull(self):
        used = {pull["branch"] for pull in self.repository.pulls.values()} | {"main"}
        free = [ref[11:] for ref in self.branches() if ref[11:] not in used]
        return self.repository.open_pull(self.random.choice(free)) if free else []

    def close(self):
        is_open = [number for number, pull in self.repository.pulls.items() if pull["open"]]
        return self.repository.close_pull(self.random.choice(is_open)) if is_open else []

    def step(self):
        acts = [self.push] * 5 + [self.branch] * 2 + [self.tag, self.remove, self.pull, self.pull, self.close]
        for delivery in self.random.choice(acts)():
            copies = self.random.choices((0, 1, 2), (2, 6, 1))[0]  # Lost, sent, sent twice
            self.waiting += [delivery] * copies
        self.random.shuffle(self.waiting)
        for _ in range(self.random.randrange(3)):
            if self.waiting:
                self.world.send_all(self.repository, [self.waiting.pop()])

    def play(self):
        project = self.repository.project
        for _ in range(STEPS):
            self.step()
            if self.random.random() < 0.1:
                self.world.compare(project)
        self.world.send_all(self.repository, self.waiting)
        self.world.settle(project)
        self.world.compare(project)
        self.world.settle(project)
        self.judge(project)
        before = len(self.world.runs(project))
        self.world.compare(project)
        self.world.settle(project)
        check("runs after everything is known", len(self.world.runs(project)), before)

    def judge(self, project):
        runs = self.world.runs(project)
        pushed = [(run["ref"], run["sha"]) for run in runs if run["event"] == "push"]
        first = ("refs/heads/main", self.commits[0])  # Was there when the project was registered
        for ref, sha in self.repository.refs().items():
            if ref.startswith(("refs/heads/", "refs/tags/")) and (ref, sha) != first:
                check(f"runs of {ref} at {sha[:10]}", pushed.count((ref, sha)), 1)
        for number, pull in self.repository.pulls.items():
            if pull["open"]:
                got = [run["sha"] for run in runs if run["event"] == "pull_request" and run["ref"].startswith(f"refs/pull/{number}/")]
                check(f"runs of pull {number} at {pull['sha'][:10]}", got.count(pull["sha"]), 1)
        check("failed deliveries", [row["reason"] for row in self.world.deliveries(project, "failed")], [])


def every_head_of_random_histories_runs_once(world):
    first, count = int(os.environ.get("FORGE_SEED", "1")), int(os.environ.get("FORGE_HISTORIES", "12"))
    for seed in range(first, first + count):
        kind = KINDS[seed % len(KINDS)]
        try:
            History(world, kind, seed).play()
        except Exception as error:
            raise RuntimeError(f"seed {seed} ({kind}): {error}") from error


if __name__ == "__main__":
    sys.exit(play([every_head_of_random_histories_runs_once], sys.argv[1], sys.argv[2]) > 0)
