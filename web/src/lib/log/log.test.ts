import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Log } from "./log.svelte";

const TOTAL = 1300;
let known: number; // Lines that the server has
let requests: string[];
let sources: FakeSource[];

class FakeSource {
    static readonly CLOSED = 2;
    readyState = 1;
    onerror?: () => void;
    listeners = new Map<string, (message: { data: string }) => void>();
    constructor(readonly url: string) {
        sources.push(this);
    }
    addEventListener(type: string, listener: (message: { data: string }) => void) {
        this.listeners.set(type, listener);
    }
    close() {}
    send(text: string) {
        this.listeners.get("log")?.({ data: JSON.stringify({ line: 0, text }) });
    }
}

const text = (number: number) => `line ${number}`;
const lines = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => `${text(from + at)}\n`).join("");

beforeEach(() => {
    known = TOTAL;
    requests = [];
    sources = [];
    vi.stubGlobal("EventSource", FakeSource);
    vi.stubGlobal("fetch", async (input: Request | string) => {
        const url = new URL(typeof input === "string" ? input : input.url, "http://ci.example.org");
        requests.push(url.pathname + url.search);
        if (url.pathname.endsWith("/info"))
            return Response.json({ attempt: 1, size: 1, lines: known, sealed: known === TOTAL, steps: [] });
        const from = Number(url.searchParams.get("line"));
        return new Response(lines(from, Math.min(known, from + Number(url.searchParams.get("lines")) - 1)));
    });
});
afterEach(() => vi.unstubAllGlobals());

async function opened() {
    const log = new Log("j1", 1);
    await log.open();
    return log;
}
async function shown(log: Log, number: number) {
    await vi.waitUntil(() => log.line(number) !== undefined, { interval: 1 });
    return log.line(number);
}

it("a line is fetched with its neighbours when it is looked at, once", async () => {
    const log = await opened();
    expect(log.lines).toBe(TOTAL);
    expect(log.line(1300)).toBeUndefined();
    expect(await shown(log, 1300)).toBe("line 1300");
    expect(await shown(log, 1001)).toBe("line 1001");
    expect(requests.filter((path) => path.includes("line=1001&"))).toHaveLength(1);
    expect(sources).toHaveLength(0); // It is sealed: nothing is followed
});

it("what a stream brings joins what was fetched, without a gap, in whatever order both come", async () => {
    known = 30;
    const log = await opened();
    expect(log.line(5)).toBeUndefined(); // Asked for
    sources[0]!.send(lines(30, 80)); // Before that answer
    known = 80;
    expect(log.lines).toBe(80);
    for (let number = 1; number <= 80; number++) expect(await shown(log, number)).toBe(text(number));
});

it("a line that has not ended is shown, and grows", async () => {
    known = 1;
    const log = await opened();
    sources[0]!.send("line 1\nline");
    await shown(log, 1);
    sources[0]!.send(" 2\nli");
    expect([log.lines, log.line(2), log.line(3)]).toEqual([3, "line 2", "li"]);
});

it("few of a long log's lines stay in memory, and those that went are fetched again", async () => {
    known = 100_000;
    const log = await opened();
    for (let number = 1; number < 35_000; number += 500) await shown(log, number);
    const before = requests.length;
    log.line(34_501); // It came last
    expect(requests.length).toBe(before);
    log.line(1);
    expect(requests.length).toBe(before + 1);
});

it("what the stream brings while the lines before it are on their way is there with them", async () => {
    known = 510;
    const log = await opened();
    expect(log.line(501)).toBeUndefined(); // Asked for: the answer holds what is there now
    sources[0]!.send(lines(510, 513));
    expect(await shown(log, 501)).toBe("line 501");
    expect(log.line(513)).toBe("line 513");
    expect(requests.filter((path) => path.includes("line=501"))).toHaveLength(1);
});
