/* filters.ts - which runs a list shows, as its address says it. Pure. */

import type { RunFilter } from "../api/lists";

/** As in the address; empty for any. */
export interface RunFilters {
    project: string;
    status: string; // A state, or a result of what has ended
    event: string;
    within: string; // A key of SPANS
    workflow: string;
    ref: string;
    actor: string;
}

export const NAMES = ["project", "status", "event", "within", "workflow", "ref", "actor"] as const;
export const STATUSES: [string, string][] = [
    ["running", "Running"],
    ["pending", "Pending"],
    ["success", "Succeeded"],
    ["failure", "Failed"],
    ["cancelled", "Cancelled"],
];
export const EVENTS = ["push", "pull_request", "workflow_dispatch", "schedule"];
const HOUR = 3_600_000;
export const SPANS: Record<string, { text: string; ms: number }> = {
    "1h": { text: "Last hour", ms: HOUR },
    "1d": { text: "Last day", ms: 24 * HOUR },
    "7d": { text: "Last week", ms: 7 * 24 * HOUR },
    "30d": { text: "Last 30 days", ms: 30 * 24 * HOUR },
};
const STATES = ["running", "pending", "cancelling", "finished"];

export function filtersOf(search: URLSearchParams): RunFilters {
    return Object.fromEntries(NAMES.map((name) => [name, search.get(name) ?? ""])) as unknown as RunFilters;
}

/** As the server takes them, at this time. */
export function askedOf({ status, within, ...rest }: RunFilters, now: number): RunFilter {
    const span = SPANS[within];
    return {
        ...rest,
        ...(status ? { [STATES.includes(status) ? "state" : "result"]: status } : {}),
        ...(span ? { since: new Date(now - span.ms).toISOString() } : {}),
    };
}
