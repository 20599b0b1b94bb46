/* refs.ts - the branches, tags and pull requests that runs were of, each with its latest. Pure. */

import type { Run } from "../api";

/** `runs` are the latest first. The default branch comes first, then what ran last; `most` in all. */
export function latestOfRefs(runs: Run[], defaultBranch: string, most: number): Run[] {
    const latest = new Map<string, Run>();
    for (const run of runs) if (run.ref && !latest.has(run.ref)) latest.set(run.ref, run);
    const first = latest.get(`refs/heads/${defaultBranch}`);
    return [...(first ? [first] : []), ...[...latest.values()].filter((run) => run !== first)].slice(0, most);
}
