/* log.svelte.ts - one attempt's log as lines that are fetched when they are looked at, and followed while they grow.
 *
 * Lines come in chunks of CHUNK, of which the KEPT latest used stay, with KEPT_SIZE characters at most. A log that is not sealed is followed by
 * its stream from the end that was known; what the stream brings goes into the same chunks. A line is final once another has begun.
 *
 * Where its groups are is found by one search of the whole, and in what the stream brings. They are folded, but for those that somebody opened, that hold
 * what was asked for, and that came while somebody watched: under a reader nothing folds. */

import { SvelteSet } from "svelte/reactivity";
import { ApiError, type LogInfo } from "../api";
import { Folds, groupsOf, type Group } from "./folds";
import { LineTimes } from "./times.svelte";
import { logPath, readLog, readWindow, searchLog, type Window } from "./window";

export const CHUNK = 500;
const KEPT = 60;
const KEPT_SIZE = 32_000_000;
const AGAIN_MS = 2000;
const MARK = /^##\[(end)?group\]/;
const LISTED = 1000; // Of one search
const MARKS = 20_000; // Beyond them nothing folds
const REVEALED = 20;

interface Chunk {
    lines: string[]; // Its first ones; what is missing is fetched when somebody looks
    offsets: number[]; // Of their first bytes
    ahead: Map<number, [string, number]>; // By place: what the stream brought before those that are missing, with its offset
    size: number;
    loading: boolean;
}
interface Mark {
    line: number;
    begins: boolean;
}

export class Log {
    lines = $state(0); // Those that are known to exist
    info = $state.raw<LogInfo>();
    error = $state.raw<unknown>();
    ended = $state(false);
    /** Changes whenever rows do: what shows them depends on it. */
    version = $state(0);
    readonly times: LineTimes;
    #marks = $state.raw<Mark[]>([]);
    #open = new SvelteSet<number>(); // Groups, by their first line
    #searched = false;
    #revealed: [number, number][] = [];
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- `version` says when it changes: once a piece, not once a line
    #chunks = new Map<number, Chunk>();
    #source: EventSource | undefined;
    #rest = ""; // A line that has not ended, at the end of the stream
    #restOffset = NaN;
    #closed = false;

    readonly groups: Group[] = $derived.by(() => {
        const steps = (this.info?.steps ?? []).map((step) => step.first_line);
        const all = this.ended ? [...steps, this.lines + 1] : steps;
        return groupsOf(this.#marks, all.sort((a, b) => a - b)); // prettier-ignore
    });
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- it is made anew
    readonly #titles = $derived(new Map(this.groups.map((group) => [group.first, group])));
    readonly folds: Folds = $derived(new Folds(this.groups.filter((group) => !this.#open.has(group.first))));

    constructor(
        readonly job: string,
        readonly attempt: number,
    ) {
        this.times = new LineTimes(job, attempt);
    }

    async open() {
        try {
            this.info = (await (await this.#read("/info")).json()) as LogInfo;
        } catch (error) {
            if (!(error instanceof ApiError && error.status === 404)) {
                this.error = error;
                return;
            }
        }
        if (this.#closed) return;
        this.lines = this.info?.lines ?? 0;
        this.ended = this.info?.sealed ?? false;
        this.version++;
        if (!this.ended) this.#follow();
        if (this.lines) void this.#findGroups(this.lines);
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

    /** When it was printed, in milliseconds; undefined where that is not known. */
    timeOf(number: number): number | undefined {
        const chunk = this.#chunks.get(Math.floor((number - 1) / CHUNK));
        const offset = chunk?.offsets[(number - 1) % CHUNK];
        return offset === undefined || Number.isNaN(offset) ? undefined : this.times.at(offset);
    }

    /** Lines from `first` to `last`, fetched anew, with those that are folded. */
    async range(first: number, last: number): Promise<string[]> {
        const lines: string[] = [];
        while (first + lines.length <= last) {
            const { lines: more } = await this.#window(first + lines.length, last - first + 1 - lines.length);
            if (!more.length) break;
            for (const line of more) lines.push(line);
        }
        return lines;
    }

    /** The group that the line is the title of. */
    group(line: number): { open: boolean; lines: number } | undefined {
        const group = this.#titles.get(line);
        return group && { open: this.#open.has(line), lines: group.last - group.first };
    }

    fold(line: number) {
        if (!this.#open.delete(line)) this.#open.add(line);
    }

    foldAll(fold: boolean) {
        this.#revealed = [];
        for (const { first } of this.groups)
            if (fold) this.#open.delete(first);
            else this.#open.add(first);
    }

    /** Opens what hides these lines, also where that is found out later. */
    reveal(from: number, to: number) {
        this.#revealed = [...this.#revealed.slice(1 - REVEALED), [from, to]];
        for (const group of this.groups)
            if (group.first < to && group.last >= from && (group.first !== from || from !== to))
                this.#open.add(group.first);
    }

    // All up to a line: what comes after it the stream brings.
    async #findGroups(last: number) {
        const found: Mark[] = [];
        try {
            for (let line = 1; line && found.length < MARKS;) {
                const pattern = { pattern: "^##\\[(?:end)?group\\]", regex: true };
                const matches = await searchLog(this.job, this.attempt, pattern, line, LISTED);
                for (const item of matches.items ?? [])
                    if ((item.line ?? 0) <= last)
                        found.push({ line: item.line ?? 0, begins: item.text?.[3] === "g" });
                line = matches.next_line ?? 0;
            }
        } catch {
            return; // Then nothing folds
        }
        if (this.#closed) return;
        this.#searched = true;
        this.#marks = [...found, ...this.#marks.filter((mark) => mark.line > last)];
        for (const [from, to] of this.#revealed.splice(0)) this.reveal(from, to);
    }

    #newMarks(marks: Mark[]) {
        if (!marks.length || this.#marks.length >= MARKS) return;
        this.#keepOpen();
        for (const mark of marks) if (mark.begins) this.#open.add(mark.line);
        this.#marks = [...this.#marks, ...marks];
    }

    // The group that has not ended: it ends while somebody watches.
    #keepOpen() {
        const begun = this.#marks.findLast((mark) => mark.begins);
        if (begun) this.#open.add(begun.line);
    }

    // The latest used come last, so that the first can go.
    #chunk(index: number): Chunk {
        // eslint-disable-next-line svelte/prefer-svelte-reactivity -- as with the chunks themselves
        const ahead = new Map<number, [string, number]>();
        const chunk = this.#chunks.get(index) ?? { lines: [], offsets: [], ahead, size: 0, loading: false };
        this.#chunks.delete(index);
        this.#chunks.set(index, chunk);
        this.#drop();
        return chunk;
    }

    async #read(what: string, query: Record<string, number> = {}): Promise<Response> {
        return readLog(logPath(this.job, what, { attempt: this.attempt, ...query }));
    }

    #window(line: number, count: number): Promise<Window> {
        return readWindow(this.job, this.attempt, line, count);
    }

    #drop() {
        let size = 0;
        for (const chunk of this.#chunks.values()) size += chunk.size;
        for (const [index, chunk] of this.#chunks) {
            if (this.#chunks.size <= KEPT && (size <= KEPT_SIZE || this.#chunks.size <= 2)) return;
            if (chunk.loading) continue;
            this.#chunks.delete(index);
            size -= chunk.size;
        }
    }

    // What one answer holds; for the rest of the chunk it is asked again, where somebody still looks.
    async #fetch(index: number, chunk: Chunk) {
        chunk.loading = true;
        try {
            const have = chunk.lines.length;
            const { lines, offsets } = await this.#window(index * CHUNK + have + 1, CHUNK - have);
            // The stream may have brought more of it meanwhile
            if (have + lines.length > chunk.lines.length) {
                chunk.lines = [...chunk.lines.slice(0, have), ...lines];
                chunk.offsets = [...chunk.offsets.slice(0, have), ...offsets];
                for (const line of lines) chunk.size += line.length;
            }
            for (let next; (next = chunk.ahead.get(chunk.lines.length));) {
                chunk.lines.push(next[0]);
                chunk.offsets.push(next[1]);
            }
            chunk.ahead.clear();
            if (index === 0 && !this.#searched && have === 0) this.#marks = marksOf(lines, 1);
            this.error = undefined;
            if (lines.length) chunk.loading = false;
            else setTimeout(() => (chunk.loading = false), AGAIN_MS);
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
        this.#source = new EventSource(logPath(this.job, "/stream", { attempt: this.attempt, line: from }));
        let next = from;
        this.#rest = "";
        this.#source.addEventListener("log", ({ data }) => {
            const window = JSON.parse(data) as { line: number; offset?: number; text: string };
            next = this.#take(next, window.text, window.offset ?? NaN);
        });
        this.#source.addEventListener("reset", () => this.#again());
        this.#source.addEventListener("end", () => {
            this.#source?.close();
            this.#keepOpen();
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
    #take(number: number, text: string, offset: number): number {
        const whole = this.#rest + text;
        let at = this.#rest ? this.#restOffset : offset;
        const lines = whole.split("\n");
        this.#rest = lines.pop() ?? "";
        const marks = marksOf(lines, number);
        const ascii = !/[^\x00-\x7f]/.test(whole);
        for (const line of lines) {
            this.#put(number++, line, at);
            at += (ascii ? line.length : encoder.encode(line).length) + 1;
        }
        this.#restOffset = at;
        if (this.#rest) this.#put(number, this.#rest, at);
        this.lines = Math.max(this.lines, this.#rest ? number : number - 1);
        const last = this.#marks.at(-1)?.line ?? 0;
        this.#newMarks(marks.filter((mark) => mark.line > last));
        this.version++;
        return number;
    }

    // While lines before it are on their way it waits for them. Else it is dropped: all of them are fetched when somebody looks.
    #put(number: number, line: string, offset: number) {
        const chunk = this.#chunk(Math.floor((number - 1) / CHUNK));
        const place = (number - 1) % CHUNK;
        if (place > chunk.lines.length) {
            if (chunk.loading) chunk.ahead.set(place, [line, offset]);
            return;
        }
        chunk.size += line.length - (chunk.lines[place]?.length ?? 0);
        chunk.lines[place] = line;
        chunk.offsets[place] = offset;
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

const encoder = new TextEncoder();

function marksOf(lines: readonly string[], first: number): Mark[] {
    return lines.flatMap((line, at) => {
        const match = MARK.exec(line);
        return match ? [{ line: first + at, begins: !match[1] }] : [];
    });
}
