/* bulk.ts - one change to many runs, one after the other: what cannot be done with one is counted, and the others are done. */

import { api, ApiError, type Run } from "../api";

export interface Done {
    done: number;
    problems: string[];
}

async function each(runs: readonly Run[], task: (run: Run) => Promise<unknown>): Promise<Done> {
    const result: Done = { done: 0, problems: [] };
    for (const run of runs)
        try {
            await task(run);
            result.done++;
        } catch (error) {
            if (!(error instanceof ApiError)) throw error; // Nobody is there: nor for the others
            result.problems.push(error.detail);
        }
    return result;
}

export const cancelRuns = (runs: readonly Run[]) =>
    each(runs, ({ id }) => api.POST("/runs/{run}/cancel", { params: { path: { run: id } }, body: {} }));

export const rerunRuns = (runs: readonly Run[], only: "all" | "failed") =>
    each(runs, ({ id }) => api.POST("/runs/{run}/rerun", { params: { path: { run: id } }, body: { only } }));
