// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { fetchEarly } from "./early";

let age: number; // Of the page, in milliseconds
beforeEach(() => {
    age = 100;
    vi.spyOn(performance, "now").mockImplementation(() => age);
});
afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
    delete window.early;
});
const ask = (path: string) => fetchEarly(new Request(`${location.origin}/api/v1${path}`));

it("takes an answer that was asked for early, once", async () => {
    const fetch = vi.fn(async () => new Response("later"));
    vi.stubGlobal("fetch", fetch);
    window.early = new Map([["/api/v1/runs?limit=2", Promise.resolve(new Response("early"))]]);
    expect(await (await ask("/runs?limit=2")).text()).toBe("early");
    expect(fetch).not.toHaveBeenCalled();
    expect(await (await ask("/runs?limit=2")).text()).toBe("later");
    expect(await (await ask("/runs")).text()).toBe("later");
});

it("asks again where the early one was refused, and throws where it got no answer", async () => {
    vi.stubGlobal("fetch", async () => new Response("signed in"));
    window.early = new Map([
        ["/api/v1/session", Promise.resolve(new Response("", { status: 401 }))],
        ["/api/v1/runs", Promise.reject(new TypeError("no network"))],
    ]);
    expect(await (await ask("/session")).text()).toBe("signed in");
    await expect(ask("/runs")).rejects.toThrow("no network");
});

it("asks again where the page is no longer young", async () => {
    vi.stubGlobal("fetch", async () => new Response("later"));
    window.early = new Map([["/api/v1/runs", Promise.resolve(new Response("early"))]]);
    age = 60_000;
    expect(await (await ask("/runs")).text()).toBe("later");
});
