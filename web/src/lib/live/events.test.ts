import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { follow, type Message } from "./events";

class FakeSource {
    static readonly CLOSED = 2;
    static all: FakeSource[] = [];
    readyState = 0;
    onopen?: () => void;
    onerror?: () => void;
    listeners = new Map<string, (message: { data: string }) => void>();
    closed = false;
    constructor(readonly url: string) {
        FakeSource.all.push(this);
    }
    addEventListener(type: string, listener: (message: { data: string }) => void) {
        this.listeners.set(type, listener);
    }
    close() {
        this.closed = true;
    }
}

let reported: Message[];
beforeEach(() => {
    vi.useFakeTimers();
    FakeSource.all = [];
    reported = [];
});
afterEach(() => vi.useRealTimers());
const start = () =>
    follow("/events", (message) => reported.push(message), FakeSource as unknown as typeof EventSource);

it("what arrives is reported, and a second opening says that something may have been missed", () => {
    start();
    const source = FakeSource.all[0]!;
    source.onopen?.();
    source.listeners.get("run.state")?.({ data: '{"id":1,"type":"run.state"}' });
    source.onerror?.();
    source.onopen?.();
    source.listeners.get("gap")?.({ data: "{}" });
    expect(reported).toEqual([
        { kind: "online", online: true, again: false },
        { kind: "event", event: { id: 1, type: "run.state" } },
        { kind: "online", online: false, again: false },
        { kind: "online", online: true, again: true },
        { kind: "online", online: true, again: true },
    ]);
    expect(FakeSource.all).toHaveLength(1); // The browser itself connects again
});

it("a stream that was refused is opened anew, more and more rarely", () => {
    start();
    const waits = [500, 1000, 2000, 5000, 5000];
    for (const wait of waits) {
        const source = FakeSource.all.at(-1)!;
        source.readyState = FakeSource.CLOSED;
        source.onerror?.();
        const before = FakeSource.all.length;
        vi.advanceTimersByTime(wait - 1);
        expect(FakeSource.all).toHaveLength(before);
        vi.advanceTimersByTime(1);
        expect(FakeSource.all).toHaveLength(before + 1);
    }
});

it("a restart does not wait, and a closed one stays closed", () => {
    const stream = start();
    stream.restart();
    expect(FakeSource.all.map((source) => source.closed)).toEqual([true, false]);
    stream.close();
    vi.advanceTimersByTime(60_000);
    expect(FakeSource.all).toHaveLength(2);
    expect(FakeSource.all[1]!.closed).toBe(true);
});
