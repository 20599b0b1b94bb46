import { describe, expect, it } from "vitest";
import { parse, plain, style } from "./ansi";

const esc = "\u001b";

describe("a line of a log", () => {
    it("without escapes is one piece of plain text", () => {
        expect(parse("hello <b>&amp;</b>")).toEqual([{ text: "hello <b>&amp;</b>" }]);
        expect(parse("")).toEqual([]);
    });

    it("has the 16 colours as the page's own, and 256 and true colours as they are", () => {
        expect(parse(`${esc}[31mred${esc}[0m plain`)).toEqual([
            { text: "red", look: { fg: "var(--ansi-1)" } },
            { text: " plain" },
        ]);
        expect(parse(`${esc}[92;44mx`)[0]?.look).toEqual({ fg: "var(--ansi-10)", bg: "var(--ansi-4)" });
        expect(parse(`${esc}[38;5;196mx`)[0]?.look).toEqual({ fg: "rgb(255 0 0)" });
        expect(parse(`${esc}[38;5;244mx`)[0]?.look).toEqual({ fg: "rgb(128 128 128)" });
        expect(parse(`${esc}[48;2;1;2;3mx`)[0]?.look).toEqual({ bg: "rgb(1 2 3)" });
        expect(parse(`${esc}[38:2:1:2:3mx`)[0]?.look).toEqual({ fg: "rgb(1 2 3)" });
    });

    it("keeps styles until they end", () => {
        expect(parse(`${esc}[1;4mA${esc}[22mB${esc}[24mC`)).toEqual([
            { text: "A", look: { bold: true, underline: true } },
            { text: "B", look: { bold: undefined, dim: undefined, underline: true } },
            { text: "C" },
        ]);
    });

    it("swaps the colours where they are inverse", () => {
        expect(parse(`${esc}[7;31mx`)[0]?.look).toMatchObject({
            bg: "var(--ansi-1)",
            fg: "var(--color-surface)",
        });
    });

    it("drops what would move the cursor, name the window, link or hide", () => {
        expect(
            plain(
                `a${esc}[2Kb${esc}[10;3Hc${esc}]0;title\u0007d${esc}]8;;http://evil.example${esc}\\e${esc}(Bf`,
            ),
        ).toBe("abcdef");
        expect(plain(`a${esc}[?25lb${esc}[31`)).toBe("ab");
        expect(plain("a\u0000b\u0008c\u009bd")).toBe("abcd");
    });

    it("takes no colour that is out of range", () => {
        expect(parse(`${esc}[38;5;999mx`)).toEqual([{ text: "x" }]);
        expect(parse(`${esc}[38;2;1;2;300mx`)).toEqual([{ text: "x" }]);
        expect(parse(`${esc}[38;2mx`)).toEqual([{ text: "x" }]);
    });

    it("shows the last state of a progress line", () => {
        expect(plain("10 %\r50 %\r100 %")).toBe("100 %");
        expect(plain("done\r")).toBe("done");
    });

    it("becomes nothing but declarations in a style", () => {
        expect(style({ fg: "rgb(1 2 3)", bold: true, italic: true })).toBe(
            "color:rgb(1 2 3);font-weight:600;font-style:italic",
        );
        expect(style(undefined)).toBeUndefined();
    });
});
