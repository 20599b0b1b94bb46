/* bulk.ts - one change to many runs, by requests for many of them: what cannot be done is reported, and the others are done. */

import { answer, api, type Run } from "../api";

export interface Done {
    done: number;
    problems: string[];
}

const AT_ONCE = 100; // Of one request: BULK_RUNS in proto/fields_bulk.h

async function each(
    runs: readonly Run[],
    ask: (runs: string[]) => Promise<{ items?: { done?: boolean; reason?: string }[] }>,
): Promise<Done> {
    const result: Done = { done: 0, problems: [] };
    for (let from = 0; from < runs.length; from += AT_ONCE) {
        const { items = [] } = await ask(runs.slice(from, from + AT_ONCE).map(({ id }) => id));
        for (const item of items)
            if (item.done) result.done++;
            else result.problems.push(item.reason ?? "");
    }
    return result;
}

export const cancelRuns = (runs: readonly Run[]) =>
    each(runs, (ids) => answer(api.POST("/runs/cancel", { body: { runs: ids } })));

export const rerunRuns = (runs: readonly Run[], only: "all" | "failed") =>
    each(runs, (ids) => answer(api.POST("/runs/rerun", { body: { runs: ids, only } })));
