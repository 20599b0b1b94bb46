import { expect, test } from "vitest";
import { usual } from "./eta";

const run = (seconds: number | null) => ({
    started_at: "2026-01-01T00:00:00Z",
    finished_at: seconds === null ? null : new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString(),
});

test("a run takes as long as the middle one of the latest, once there are a few", () => {
    expect(usual([run(10), run(90), run(20)])).toBe(20_000);
    expect(usual([run(10), run(20), run(null)])).toBeUndefined();
});
