import { expect, test } from "vitest";
import { complete, pathTo, type Schema } from "./complete";

const root: Schema = {
    $ref: "#/$defs/workflow",
    $defs: {
        workflow: {
            properties: {
                on: { anyOf: [{ enum: ["push", "schedule"] }, { items: { enum: ["push", "schedule"] } }] },
                jobs: { description: "what is done", patternProperties: { ".*": { $ref: "#/$defs/job" } } },
            },
        },
        job: {
            properties: {
                "runs-on": { description: "labels" },
                "continue-on-error": { enum: [true, false] },
                steps: { items: { anyOf: [{ properties: { run: {}, uses: {} } }] } },
            },
        },
    },
};
const offered = (text: string) =>
    complete(root, text.split("\n"), text.length - text.lastIndexOf("\n") - 1)?.choices.map(
        (choice) => choice.label,
    );

test("keys are offered by where they are, and values by their key", () => {
    expect(offered("")).toEqual(["on", "jobs"]);
    expect(offered("jo")).toEqual(["on", "jobs"]); // What is typed is narrowed by the editor
    expect(offered("on: ")).toEqual(["push", "schedule"]);
    expect(offered("on:\n  - pu")).toEqual(["push", "schedule"]);
    expect(offered("jobs:\n  build:\n    ")).toEqual(["runs-on", "continue-on-error", "steps"]);
    expect(offered("jobs:\n  build:\n    steps:\n      - ")).toEqual(["run", "uses"]);
    expect(offered("jobs:\n  build:\n    steps:\n      - run: make\n        ")).toEqual(["run", "uses"]);
    expect(offered("jobs:\n  build:\n    steps:\n    - uses: a\n    - ")).toEqual(["run", "uses"]);
});

test("a key says what it is for, and where it begins", () => {
    const found = complete(root, ["jo"], 2);
    expect(found?.from).toBe(0);
    expect(found?.choices[1]).toEqual({ label: "jobs", detail: "what is done", key: true });
});

test("within a script nothing is offered", () => {
    expect(offered("jobs:\n  a:\n    steps:\n      - run: |\n          ec")).toBeUndefined();
    expect(pathTo(["jobs:", "  a:", "    run: |", "      x"], 3, 6)).toBeUndefined();
});
