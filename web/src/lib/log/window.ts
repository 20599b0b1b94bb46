/* window.ts - lines of a log as the server has them, and where each begins in its bytes; and searches, one after the other. */

import { answer, api, ApiError } from "../api";

export interface Window {
    lines: string[];
    offsets: number[]; // Of each line's first byte; NaN where the server did not say
    next: number; // The line to go on with
}

const LINE_END = 10;
const decoder = new TextDecoder();

export function logPath(job: string, what: string, query: Record<string, string | number>): string {
    const all = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) all.set(name, String(value));
    return `/api/v1/jobs/${encodeURIComponent(job)}/log${what}?${all}`;
}

/** As it is: a log is text, of which the typed client knows nothing. */
export async function readLog(path: string): Promise<Response> {
    const response = await fetch(path);
    if (!response.ok) throw new ApiError(response, await response.json().catch(() => ({})));
    return response;
}

/** Of `count` lines from `line` on as many as one answer holds, at least one where there is one. */
export async function readWindow(job: string, attempt: number, line: number, count: number): Promise<Window> {
    const response = await readLog(logPath(job, "", { attempt, line, lines: count }));
    const bytes = new Uint8Array(await response.arrayBuffer());
    const lines: string[] = [];
    const offsets: number[] = [];
    const base = Number(response.headers.get("Log-Offset") ?? NaN);
    for (let at = 0; at < bytes.length && lines.length < count;) {
        const end = bytes.indexOf(LINE_END, at);
        const stop = end < 0 ? bytes.length : end;
        lines.push(decoder.decode(bytes.subarray(at, stop)));
        offsets.push(base + at);
        at = stop + 1;
    }
    // A line that is longer than an answer is cut: what follows it comes next
    return { lines, offsets, next: line + lines.length };
}

export interface Pattern {
    pattern: string;
    regex?: boolean;
    ignore_case?: boolean;
}

const TRIES = 10;
const AGAIN_MS = 300;
let turn: Promise<unknown> = Promise.resolve();

async function search(job: string, attempt: number, pattern: Pattern, line: number, limit: number) {
    for (let tried = 1; ; tried++)
        try {
            return await answer(
                api.GET("/jobs/{job}/log/search", {
                    params: { path: { job }, query: { attempt, ...pattern, line, limit } },
                }),
            );
        } catch (error) {
            // Another page of ours searches: the server does one at a time for each of us
            if (!(error instanceof ApiError && error.status === 503) || tried === TRIES) throw error;
            await new Promise((done) => setTimeout(done, AGAIN_MS));
        }
}

/** Lines that match, from `line` on, and how many there are in all. Waits for the search before it. */
export function searchLog(job: string, attempt: number, pattern: Pattern, line: number, limit: number) {
    const mine = turn.then(() => search(job, attempt, pattern, line, limit));
    turn = mine.catch(() => undefined);
    return mine;
}
