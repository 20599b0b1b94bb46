import { expect, test } from "vitest";
import { qrImage } from "./qr";

test("a code is a square with a border and the three corners that cameras look for", async () => {
    const { size, path } = await qrImage(
        "otpauth://totp/open-cicd:ada?secret=JBSWY3DPEHPK3PXP&issuer=open-cicd",
    );
    expect((size - 4 - 17) % 4).toBe(0); // Modules a side: 17 and four for each version
    const dark = new Set([...path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x},${y}`));
    const row = (x: number, y: number) => Array.from({ length: 7 }, (_, i) => dark.has(`${x + i},${y}`));
    const full = [true, true, true, true, true, true, true];
    for (const [x, y] of [
        [2, 2],
        [size - 9, 2],
        [2, size - 9],
    ] as [number, number][]) {
        expect(row(x, y)).toEqual(full);
        expect(row(x, y + 1)).toEqual([true, false, false, false, false, false, true]);
        expect(row(x, y + 6)).toEqual(full);
    }
    expect([...dark].some((at) => at.startsWith("0,") || at.startsWith("1,"))).toBe(false);
});
