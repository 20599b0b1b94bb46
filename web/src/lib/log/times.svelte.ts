/* times.svelte.ts - when the lines of a log were printed: to the second, by the agent's clock. */

import { answer, api } from "../api";

const AGAIN_MS = 2000;
const ANSWERS = 20; // Of one reading, at most

export class LineTimes {
    #items = $state.raw<{ offset: number; at: number }[]>([]);
    #loading = false;
    #readAt = -Infinity;

    constructor(
        readonly job: string,
        readonly attempt: number,
    ) {}

    /** Of the line that begins at this byte; undefined where nobody knows yet. */
    at(offset: number): number | undefined {
        let [low, high] = [0, this.#items.length];
        while (low < high) {
            const middle = (low + high) >> 1;
            if ((this.#items[middle]?.offset ?? 0) <= offset) low = middle + 1;
            else high = middle;
        }
        return this.#items[low - 1]?.at;
    }

    /** Reads those that came since; of a log that grows it is called again and again. */
    async load() {
        if (this.#loading || performance.now() - this.#readAt < AGAIN_MS) return;
        this.#loading = true;
        try {
            // The last again: it stands for what was printed up to the next
            let offset = this.#items.at(-1)?.offset ?? 0;
            for (let turn = 0; turn < ANSWERS; turn++) {
                const times = await answer(
                    api.GET("/jobs/{job}/log/times", {
                        params: { path: { job: this.job }, query: { attempt: this.attempt, offset } },
                    }),
                );
                const found = (times.items ?? []).map((item) => ({
                    offset: item.offset ?? 0,
                    at: Date.parse(item.at ?? ""),
                }));
                const first = found[0]?.offset ?? Infinity;
                this.#items = [...this.#items.filter((item) => item.offset < first), ...found];
                if (!times.next) break;
                offset = times.next;
            }
        } catch {
            // Then there are none: the log itself is what matters
        }
        this.#readAt = performance.now();
        this.#loading = false;
    }
}
