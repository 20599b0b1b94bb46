import { expect, it } from "vitest";
import type { Job } from "../api";
import { timeline } from "./timeline";

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const job = (key: string, needs: string[], queued: number, started: number, finished: number) =>
    ({
        id: key,
        key,
        needs,
        queued_at: at(queued),
        started_at: at(started),
        finished_at: at(finished),
    }) as unknown as Job;

it("the critical path is what the last job waited for, back to the first", () => {
    const jobs = [
        job("build", [], 0, 1, 10),
        job("lint", [], 0, 1, 3),
        job("test", ["build", "lint"], 10, 11, 20),
    ];
    const { bars, span } = timeline(jobs, Date.now());
    expect(span).toBe(20_000);
    expect(bars.filter((bar) => bar.critical).map((bar) => bar.job.key)).toEqual(["build", "test"]);
    expect(bars[0]).toMatchObject({ waitFrom: 0, from: 0.05 });
});

it("what runs goes up to now, and what has not begun is not shown", () => {
    const now = Date.parse(at(30));
    const running = { ...job("a", [], 0, 10, 0), finished_at: null } as Job;
    const waiting = {
        ...job("b", ["a"], 0, 0, 0),
        queued_at: null,
        started_at: null,
        finished_at: null,
    } as Job;
    const { bars } = timeline([running, waiting], now);
    expect(bars).toHaveLength(1);
    expect(bars[0]?.to).toBe(1);
    expect(timeline([], now).bars).toEqual([]);
});
