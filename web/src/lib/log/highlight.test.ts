import { expect, test } from "vitest";
import { parse } from "./ansi";
import { partsOf } from "./highlight";

const shown = (line: string, text: string, exact = false) =>
    partsOf(parse(line), { text, exact })
        .map((part) => (part.hit ? `[${part.text}]` : part.text))
        .join("|");

test("what was searched for is found in the text, across changes of colour", () => {
    expect(shown("one two one", "one")).toBe("[one]| two |[one]");
    expect(shown("un\x1b[31mit\x1b[0m tests", "unit t")).toBe("[un]|[it]|[ t]|ests");
    expect(shown("aaaa", "aa")).toBe("[aa]|[aa]");
});

test("case counts only where it is wanted, and nothing is found in nothing", () => {
    expect(shown("Error error", "error")).toBe("[Error]| |[error]");
    expect(shown("Error error", "error", true)).toBe("Error |[error]");
    expect(shown("text", "")).toBe("text");
    expect(partsOf(parse("text"), undefined)).toEqual([{ text: "text", hit: false }]);
});
