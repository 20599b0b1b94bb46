import { describe, expect, it } from "vitest";
import { firstOf, kindOf, pathOf } from "./kind";

describe("a file of an artifact", () => {
    it("is shown by its name's end", () => {
        expect(kindOf("a/b/index.HTML")).toBe("page");
        expect(kindOf("shot.png")).toBe("image");
        expect(kindOf("junit.xml")).toBe("text");
        expect(kindOf("README")).toBe("text");
        expect(kindOf("program")).toBe("none");
        expect(kindOf("a.html/program")).toBe("none");
        expect(kindOf("core.tar.gz")).toBe("none");
    });
    it("has an address whatever its name is", () => {
        expect(pathOf("a b/100%?#.txt")).toBe("a%20b/100%25%3F%23.txt");
    });
    it("is shown first where it is a report's index", () => {
        expect(firstOf(["a.txt", "r/index.html"])).toBe("r/index.html");
        expect(firstOf(["a.bin", "b.txt"])).toBe("b.txt");
        expect(firstOf(["a.bin"])).toBe("a.bin");
        expect(firstOf([])).toBeUndefined();
    });
});
