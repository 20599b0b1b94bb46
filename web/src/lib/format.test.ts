import { expect, it } from "vitest";
import { bytes, count, duration, refName, relative } from "./format";

const now = Date.UTC(2026, 10, 29, 12);

it("a moment is shown by how long ago it was", () => {
    expect(relative(now - 10_000, now)).toBe("just now");
    expect(relative(now - 4 * 60_000, now)).toBe("4 min ago");
    expect(relative(now - 5 * 3600_000, now)).toBe("5 h ago");
    expect(relative(now - 3 * 86400_000, now)).toBe("3 d ago");
    expect(relative(now + 2 * 3600_000, now)).toBe("in 2 h");
    expect(relative(now - 30 * 86400_000, now)).toBe("30 Oct");
    expect(relative(now - 400 * 86400_000, now)).toBe("25 Oct 2025");
});

it("a duration has its two largest units", () => {
    expect([400, 42_300, 187_000, 7_500_000, 200_000_000].map(duration)).toEqual([
        "0.4 s",
        "42 s",
        "3 m 07 s",
        "2 h 05 m",
        "2 d 7 h",
    ]);
    expect(duration(NaN)).toBe("");
});

it("sizes, counts and refs are as people say them", () => {
    expect([0, 999, 1500, 123_456_789].map(bytes)).toEqual(["0 B", "999 B", "1.5 kB", "123 MB"]);
    expect([count(1, "job"), count(1234, "job")]).toEqual(["1 job", "1,234 jobs"]);
    expect(["refs/heads/a/b", "refs/tags/v1", "refs/pull/7/merge"].map(refName)).toEqual(["a/b", "v1", "#7"]);
});
