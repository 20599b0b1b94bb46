import { expect, it } from "vitest";
import { kindOf } from "./line";

it("the runner's own lines are known by their mark", () => {
    expect(kindOf("##[group]Run make")).toEqual({ kind: "group", text: "Run make" });
    expect(kindOf("##[error]no")).toEqual({ kind: "error", text: "no" });
    expect(kindOf("##[section]Starting")).toEqual({ kind: "group", text: "Starting" });
});

it("a mark elsewhere, or of another name, is text", () => {
    expect(kindOf(" ##[error]no").kind).toBe("text");
    expect(kindOf("##[blink]no")).toEqual({ kind: "text", text: "##[blink]no" });
});
