import { describe, expect, it } from "vitest";
import { OVERSCAN, ROW, rowsAbove, scrollBelow, scrollTo, spacerHeight, TALLEST, visible } from "./rows";

const HEIGHT = 600;

describe("the rows on the screen", () => {
    it("are few, however many there are", () => {
        for (const rows of [0, 1, 30, 5000, 1_000_000, 50_000_000])
            for (const part of [0, 0.3, 0.999, 1]) {
                const range = visible(rows, part * Math.max(0, spacerHeight(rows) - HEIGHT), HEIGHT);
                expect(range.count).toBeLessThanOrEqual(HEIGHT / ROW + 2 * OVERSCAN + 2);
                expect(range.first + range.count).toBeLessThanOrEqual(rows);
            }
    });

    it("begin with the first and end with the last", () => {
        for (const rows of [100, 1_000_000]) {
            expect(visible(rows, 0, HEIGHT).first).toBe(0);
            const last = visible(rows, spacerHeight(rows) - HEIGHT, HEIGHT);
            expect(last.first + last.count).toBe(rows);
        }
    });

    it("can each be brought to the middle", () => {
        for (const rows of [200, 250_000, 1_000_000, 30_000_000])
            for (const index of [0, 17, Math.floor(rows / 2), rows - 18, rows - 1]) {
                const top = scrollTo(rows, index, HEIGHT);
                const range = visible(rows, top, HEIGHT);
                expect(index).toBeGreaterThanOrEqual(range.first);
                expect(index).toBeLessThan(range.first + range.count);
                // Where it is drawn is within the screen
                const y = range.top + (index - range.first) * ROW - top;
                expect(y).toBeGreaterThanOrEqual(-1);
                expect(y).toBeLessThanOrEqual(HEIGHT - ROW + 1);
            }
    });

    it("stay where they are when one scrolls to where they were", () => {
        for (const rows of [200, 250_000, 1_000_000])
            for (const above of [0, 12.5, rows / 2, rows - 40])
                expect(rowsAbove(rows, scrollBelow(rows, above, HEIGHT), HEIGHT)).toBeCloseTo(above, 6);
    });

    it("have a spacer that every browser can lay out", () => {
        expect(spacerHeight(10)).toBe(10 * ROW);
        expect(spacerHeight(100_000_000)).toBe(TALLEST);
    });
});
