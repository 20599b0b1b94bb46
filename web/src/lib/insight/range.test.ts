import { describe, expect, it } from "vitest";
import { daysOf, rangeOf } from "./range";

const now = Date.parse("2026-11-29T17:00:00Z");
const of = (text: string) => rangeOf(new URLSearchParams(text), now);

describe("the range of the insights", () => {
    it("is the last thirty days, today included, where the address names none", () => {
        expect(of("")).toEqual({ days: 30, from: "2026-10-31T00:00:00.000Z" });
        expect(of("days=31")).toEqual(of(""));
        expect(of("from=x&to=2026-11-01")).toEqual(of(""));
        expect(of("from=2026-11-02&to=2026-11-01")).toEqual(of(""));
        expect(of("from=2020-11-02&to=2026-11-01")).toEqual(of(""));
    });
    it("is what the address names, its last day included", () => {
        expect(of("days=7")).toEqual({ days: 7, from: "2026-11-23T00:00:00.000Z" });
        expect(of("from=2026-11-01&to=2026-11-03")).toEqual({
            days: 3,
            from: "2026-11-01T00:00:00.000Z",
            to: "2026-11-04T00:00:00.000Z",
        });
    });
    it("has every day once", () => {
        expect(daysOf(of("from=2026-10-31&to=2026-11-02"))).toEqual([
            "2026-10-31",
            "2026-11-01",
            "2026-11-02",
        ]);
    });
});
