import { expect, test } from "vitest";
import type { Run } from "../api";
import { latestOfRefs } from "./refs";

const run = (id: string, ref: string) => ({ id, ref }) as Run;
const ids = (runs: Run[]) => runs.map((one) => one.id);

test("each ref is there once with its latest run, the default branch first", () => {
    const runs = [
        run("r5", "refs/pull/7/merge"),
        run("r4", "refs/heads/main"),
        run("r3", "refs/heads/topic"),
        run("r2", "refs/heads/main"),
        run("r1", ""),
    ];
    expect(ids(latestOfRefs(runs, "main", 9))).toEqual(["r4", "r5", "r3"]);
    expect(ids(latestOfRefs(runs, "trunk", 2))).toEqual(["r5", "r4"]);
});
