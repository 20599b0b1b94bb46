// @vitest-environment jsdom
import { afterEach, expect, it, vi } from "vitest";
import { live } from "./live.svelte";

afterEach(() => vi.unstubAllGlobals());

it("what was read before the stream was there is said to be old, once", () => {
    let source: { onopen?: () => void } | undefined;
    vi.stubGlobal(
        "EventSource",
        class {
            onopen?: () => void;
            constructor() {
                // eslint-disable-next-line @typescript-eslint/no-this-alias -- the test plays the server
                source = this;
            }
            addEventListener() {}
            close() {}
        },
    );
    const heard: unknown[] = [];
    const stop = [live.listen((event) => heard.push(event)), live.start()];
    expect(heard).toEqual([]);
    source?.onopen?.();
    expect(heard).toEqual(["begin"]);
    stop.forEach((end) => end());
});
