/* eta.ts - how long a run usually takes. Pure. */

import type { Run } from "../api";

const LEAST = 3; // Fewer say nothing

/** The median of those that have ended, in milliseconds. */
export function usual(runs: readonly Pick<Run, "started_at" | "finished_at">[]): number | undefined {
    const times = runs
        .map((run) => Date.parse(run.finished_at ?? "") - Date.parse(run.started_at ?? ""))
        .filter((time) => time >= 0)
        .sort((a, b) => a - b);
    return times.length < LEAST ? undefined : times[Math.floor(times.length / 2)];
}
