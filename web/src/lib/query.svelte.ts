/* query.svelte.ts - what a page reads from the server, kept right.
 *
 * A query has a key (the run's id, the filters), reads anew when the key changes, when an event says that its answer has changed, and when
 * events may have been missed. What it has stays on the page meanwhile. Only the latest answer counts; a burst of events costs one
 * request each PAUSE_MS. */

import { untrack } from "svelte";
import type { Event } from "./api";
import { live } from "./live/live.svelte";

const PAUSE_MS = 250;

export interface QueryOptions<K> {
    /** Does this event change the answer? As it stands none does; or the key does, which is made of what an event changes. */
    on?: (event: Event, key: K) => boolean;
}

export class Query<T> {
    /** Undefined until the first answer of this key. */
    data = $state.raw<T>();
    /** Of the latest try. */
    error = $state.raw<unknown>();
    loading = $state(true);
    #read: () => void = () => {};

    constructor(start: (query: Query<T>) => () => void) {
        this.#read = start(this);
    }

    /** Reads again, now. */
    refresh = () => this.#read();
}

/** Called while a component is made; ends with it. A key of undefined reads nothing. */
export function query<K, T>(
    key: () => K | undefined,
    load: (key: K, signal: AbortSignal) => Promise<T>,
    { on }: QueryOptions<K> = {},
): Query<T> {
    return new Query<T>((self) => {
        let current: K | undefined;
        let controller: AbortController | undefined;
        let timer: ReturnType<typeof setTimeout> | undefined;
        let readAt = 0;

        async function read() {
            clearTimeout(timer);
            timer = undefined;
            readAt = performance.now();
            controller?.abort();
            const mine = (controller = new AbortController());
            if (current === undefined) return;
            self.loading = true;
            try {
                const data = await load(current, mine.signal);
                if (mine !== controller) return;
                self.data = data;
                self.error = undefined;
            } catch (error) {
                if (mine !== controller) return;
                self.error = error;
            }
            self.loading = false;
        }

        function soon() {
            timer ??= setTimeout(read, Math.max(0, readAt + PAUSE_MS - performance.now()));
        }

        $effect(() => {
            const next = key();
            const changed = JSON.stringify(next) !== JSON.stringify(current);
            untrack(() => {
                if (!changed && self.data !== undefined) return;
                if (current !== undefined) self.data = undefined;
                self.error = undefined;
                current = next;
                void read();
            });
        });
        $effect(() => {
            const stop = live.listen((event) => {
                if (current === undefined) return;
                // What no event changes had no time to change before there was a stream of them
                if (event === "again" || (event === "begin" ? on !== undefined : on?.(event, current)))
                    soon();
            });
            return () => {
                stop();
                clearTimeout(timer);
                controller?.abort();
            };
        });
        return () => void read();
    });
}
