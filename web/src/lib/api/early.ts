/* early.ts - takes the answers that static/early.js asked for before there was a script of ours: each once, and only while the page is young. */

const YOUNG_MS = 10_000;

declare global {
    interface Window {
        early?: Map<string, Promise<Response>>; // By path and query
    }
}

/** As fetch. What was refused is asked for again: somebody may have signed in since. */
export async function fetchEarly(request: Request): Promise<Response> {
    const { origin, pathname, search } = new URL(request.url);
    const path = pathname + search;
    const asked =
        request.method === "GET" && origin === location.origin && performance.now() < YOUNG_MS
            ? window.early?.get(path)
            : undefined;
    if (!asked) return fetch(request);
    window.early?.delete(path);
    const answer = await asked;
    return answer.ok ? answer : fetch(request);
}
