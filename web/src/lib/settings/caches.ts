/* caches.ts - the caches of a project as its settings show them: the latest, and how much room all of them take. */

import { answer, api, type CachePage } from "../api";

const MOST = 100; // A project may have thousands: who looks for one gives the beginning of its key

export async function cachesOf(
    { project, key }: { project: string; key: string },
    signal?: AbortSignal,
): Promise<CachePage> {
    const params = { path: { project }, query: { limit: MOST, key: key || undefined } };
    return (await answer(api.GET("/projects/{project}/caches", { params, signal }))) as CachePage;
}
