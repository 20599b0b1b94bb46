/* log.svelte.ts - one attempt's log as rows that are fetched when they are looked at, and followed while they grow.
 *
 * Lines come in chunks of CHUNK, of which the KEPT latest used stay. A log that is not sealed is followed by its stream from the
 * end that was known; what the stream brings goes into the same chunks. A line is final once another has begun. */

import { ApiError, type LogInfo } from "../api";

export const CHUNK = 500;
const KEPT = 60;
const AGAIN_MS = 2000;

interface Chunk {
    lines: string[]; // Its first ones; what is missing is fetched when somebody looks
    loading: boolean;
}

export class Log {
    lines = $state(0); // Those that are known to exist
    info = $state.raw<LogInfo>();
    error = $state.raw<unknown>();
    missing = $state(false); // The job has no log yet
    ended = $state(false);
    /** Changes whenever rows do: what shows them depends on it. */
    version = $state(0);
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- `version` says when it changes: once a piece, not once a line
    #chunks = new Map<number, Chunk>();
    #source: EventSource | undefined;
    #rest = ""; // A line that has not ended, at the end of the stream
    #closed = false;

    constructor(
        readonly job: string,
        readonly attempt: number,
    ) {}

    async open() {
        try {
            this.info = (await (await this.#read("/info")).json()) as LogInfo;
        } catch (error) {
            if (!(error instanceof ApiError && error.status === 404)) {
                this.error = error;
                return;
            }
            this.missing = true;
        }
        if (this.#closed) return;
        this.lines = this.info?.lines ?? 0;
        this.ended = this.info?.sealed ?? false;
        this.version++;
        if (!this.ended) this.#follow();
    }

    close() {
        this.#closed = true;
        this.#source?.close();
    }

    /** Undefined where it is still on its way; it is then asked for. `number` from 1. */
    line(number: number): string | undefined {
        const index = Math.floor((number - 1) / CHUNK);
        const chunk = this.#chunk(index);
        const text = chunk.lines[(number - 1) % CHUNK];
        if (text === undefined && !chunk.loading) void this.#fetch(index, chunk);
        return text;
    }

    // The latest used come last, so that the first can go.
    #chunk(index: number): Chunk {
        const chunk = this.#chunks.get(index) ?? { lines: [], loading: false };
        this.#chunks.delete(index);
        this.#chunks.set(index, chunk);
        this.#drop();
        return chunk;
    }

    /** Lines from `first` to `last`, fetched where they are not here. */
    async range(first: number, last: number): Promise<string[]> {
        const response = await this.#read("", { line: first, lines: last - first + 1 });
        return split(await response.text()).slice(0, last - first + 1);
    }

    // As it is: a log is text, of which the typed client knows nothing.
    async #read(what: string, query: Record<string, number> = {}): Promise<Response> {
        const response = await fetch(this.#path(what, query));
        if (!response.ok) throw new ApiError(response, await response.json().catch(() => ({})));
        return response;
    }

    #path(what: string, query: Record<string, string | number>): string {
        const all = new URLSearchParams({ attempt: String(this.attempt) });
        for (const [name, value] of Object.entries(query)) all.set(name, String(value));
        return `/api/v1/jobs/${encodeURIComponent(this.job)}/log${what}?${all}`;
    }

    #drop() {
        for (const [index, chunk] of this.#chunks) {
            if (this.#chunks.size <= KEPT) return;
            if (!chunk.loading) this.#chunks.delete(index);
        }
    }

    async #fetch(index: number, chunk: Chunk) {
        chunk.loading = true;
        try {
            const lines = await this.range(index * CHUNK + 1, (index + 1) * CHUNK);
            // The stream may have brought more of it meanwhile
            if (lines.length > chunk.lines.length) chunk.lines = lines;
            this.error = undefined;
            chunk.loading = false;
        } catch (error) {
            this.error = error;
            setTimeout(() => (chunk.loading = false), AGAIN_MS); // Not at every frame
        }
        this.#drop();
        this.version++;
    }

    #follow() {
        // From the last line that is known, again: it may have grown
        const from = Math.max(1, this.lines);
        this.#source = new EventSource(this.#path("/stream", { line: from }));
        let next = from;
        this.#rest = "";
        this.#source.addEventListener("log", ({ data }) => {
            const window = JSON.parse(data) as { line: number; text: string };
            this.missing = false;
            next = this.#take(next, window.text);
        });
        this.#source.addEventListener("reset", () => this.#again());
        this.#source.addEventListener("end", () => {
            this.#source?.close();
            this.ended = true;
            void this.#settle();
        });
        this.#source.onerror = () => {
            // Refused for good, or cut off: then it begins anew where the lines end
            if (this.#source?.readyState === EventSource.CLOSED && !this.#closed)
                setTimeout(() => this.#again(), 2000);
        };
    }

    #again() {
        if (this.#closed) return;
        this.#source?.close();
        this.#follow();
    }

    // Adds text that begins in line `number`; returns the number of the line in which it ends.
    #take(number: number, text: string): number {
        const lines = (this.#rest + text).split("\n");
        this.#rest = lines.pop() ?? "";
        for (const line of lines) this.#put(number++, line);
        if (this.#rest) this.#put(number, this.#rest);
        this.lines = Math.max(this.lines, this.#rest ? number : number - 1);
        this.version++;
        return number;
    }

    // Where lines before it are missing it is dropped: all of them are fetched when somebody looks.
    #put(number: number, line: string) {
        const { lines } = this.#chunk(Math.floor((number - 1) / CHUNK));
        const place = (number - 1) % CHUNK;
        if (place <= lines.length) lines[place] = line;
    }

    // Steps, sums and the number of lines, once all is there.
    async #settle() {
        try {
            this.info = (await (await this.#read("/info")).json()) as LogInfo;
            this.lines = this.info.lines;
        } catch {
            // What came is shown
        }
        this.version++;
    }
}

function split(text: string): string[] {
    const lines = text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    return lines;
}
