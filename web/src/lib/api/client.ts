/* client.ts - the one client of the HTTP API.
 *
 * Paths, parameters and answers are typed by schema.d.ts, which `npm run types` makes from the server's own tables. Whatever
 * the server refuses is thrown, as one kind of error; lists are read row by row. It keeps no token and tries nothing twice: a browser
 * is signed in by its cookie. */

import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

/** Rows of one answer, at most: MAX_PAGE in proto/limits.h. */
const PAGE = 200;

export type Problem = components["schemas"]["problem"];

/** The server refused or failed. `detail` is for people, `code` for programs; `request_id` finds it in the server's log. */
export class ApiError extends Error {
    override readonly name = "ApiError";
    readonly status: number;
    readonly code?: Problem["code"]; // None where the answer is not the server's own but that of a proxy before it
    readonly detail: string;
    readonly request_id?: string;

    constructor(response: Response, problem: Partial<Problem>) {
        const detail = problem.detail || problem.title || response.statusText || `HTTP ${response.status}`;
        super(detail);
        this.status = response.status;
        this.code = problem.code;
        this.detail = detail;
        this.request_id = problem.request_id || response.headers.get("X-Request-Id") || undefined;
    }
}

async function problemOf(response: Response): Promise<Partial<Problem>> {
    if (!response.headers.get("Content-Type")?.startsWith("application/problem+json")) {
        await response.body?.cancel();
        return {};
    }
    try {
        return { ...(await response.json()) };
    } catch {
        return {}; // Cut off, or not JSON after all: the status still says what happened
    }
}

export interface ApiOptions {
    /** Where the API is; as it stands, on the server that the page came from. */
    url?: string;
    /** Asked at every request, for programs; pages have a cookie. */
    token?: () => string | undefined;
    fetch?: (request: Request) => Promise<Response>;
}

/** Its calls throw ApiError, or what fetch throws where no answer came. */
export function createApi({ url = "/api/v1", token, fetch }: ApiOptions = {}) {
    const api = createClient<paths>({
        baseUrl: url,
        fetch,
        querySerializer: { array: { style: "form", explode: false } },
    });
    api.use({
        onRequest({ request }) {
            const secret = token?.();
            if (secret) request.headers.set("Authorization", `Bearer ${secret}`);
        },
        async onResponse({ response }) {
            if (!response.ok) throw new ApiError(response, await problemOf(response));
        },
    });
    return api;
}

export type Api = ReturnType<typeof createApi>;

/** The body of an answer that has one. */
export async function answer<T>(call: Promise<{ data?: T; response: Response }>): Promise<T> {
    const { data, response } = await call;
    if (data === undefined) throw new ApiError(response, { detail: "the answer has no body" });
    return data;
}

/** Every row of a list. The next page is asked for when the rows before it were taken:
 *
 *     for await (const run of each((cursor) => api.GET("/runs", { params: { query: { cursor } } }))) */
export async function* each<T>(
    page: (cursor?: string) => Promise<{ data?: { items?: T[]; next?: string }; response: Response }>,
): AsyncGenerator<T, void> {
    let cursor: string | undefined;
    do {
        const { items, next } = await answer(page(cursor));
        yield* items ?? [];
        if (next && next === cursor) throw new Error("the list does not go on: its next page is itself");
        cursor = next;
    } while (cursor);
}

/** The first `most` rows of a list that are kept, as one array, of which a page asks for `limit` at most. */
export async function rows<T>(
    page: (cursor: string | undefined, limit: number) => ReturnType<Parameters<typeof each<T>>[0]>,
    most: number,
    keep: (row: T) => boolean = () => true,
): Promise<T[]> {
    const list: T[] = [];
    if (most <= 0) return list;
    for await (const row of each<T>((cursor) => page(cursor, Math.min(most, PAGE)))) {
        if (keep(row)) list.push(row);
        if (list.length === most) break;
    }
    return list;
}
