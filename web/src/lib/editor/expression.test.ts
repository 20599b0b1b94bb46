import { expect, test } from "vitest";
import { completeExpression, completeWith, placeOf, type Tables } from "./expression";
import { flow, outlineOf } from "./outline";
import made from "./completion.json";

const tables = made as unknown as Tables;
const FILE = `on:
  workflow_dispatch:
    inputs:
      target: {type: choice, options: [test, live]}
      count:
        type: number
  workflow_call: {inputs: {dry: {type: boolean}, wet: {type: string}}}
env: {TARGET: site}
jobs:
  plan:
    runs-on: ubuntu-latest
    outputs:
      version: \${{ steps.read.outputs.version }}
    steps:
      - id: read
        run: |
          echo "\${{ github.sha }}"
          key: not a key
  build:
    needs: [plan]
    runs-on: ubuntu-latest
    strategy:
      matrix:
        os: [a, b]
        include:
          - extra: 1
    env:
      SUITE: unit
    steps:
      - uses: actions/checkout@v4
        with:
          re
      - id: make
        if: WHERE
        run: make
  last:
    needs: build
    runs-on: ubuntu-latest
    steps: [{run: 'echo \${{ needs.build.result }}'}]
`;

/** What is offered where WHERE of the file is replaced by this, and the cursor is at its end. */
function offered(text: string, file = FILE) {
    const at = file.indexOf("WHERE");
    const lines = file.replace("WHERE", text).split("\n");
    const row = file.slice(0, at).split("\n").length - 1;
    const column = at - (file.lastIndexOf("\n", at) + 1) + text.length;
    return completeExpression(tables, lines, row, column)?.choices.map((choice) => choice.label);
}

test("contexts and functions are those of the place, by the server's tables", () => {
    expect(offered("git")).toContain("github");
    expect(offered("${{ ")).toEqual(expect.arrayContaining(["steps", "matrix", "always", "hashFiles"]));
    expect(offered("")).not.toContain("secrets"); // An `if` may not name them
    const inRun = FILE.replace("WHERE", "true").replace("run: make\n", "run: echo ${{ WHERE }}\n");
    expect(offered("", inRun)).toContain("secrets");
    expect(offered("", inRun)).not.toContain("always");
    expect(placeOf(tables, ["jobs", "any", "steps", "-", "if"])?.functions).toContain("always");
    expect(placeOf(tables, ["jobs", "any", "if"])?.contexts).not.toContain("steps");
});

test("below a context is what the server knows of it, or what the file names", () => {
    expect(offered("github.")).toEqual(expect.arrayContaining(["ref_name", "event_name", "sha"]));
    expect(offered("needs.")).toEqual(["plan"]);
    expect(offered("needs.plan.")).toEqual(["outputs", "result"]);
    expect(offered("needs.plan.outputs.")).toEqual(["version"]);
    expect(offered("inputs.")).toEqual(["target", "count", "dry", "wet"]);
    expect(offered("matrix.o")).toEqual(["os", "extra"]);
    expect(offered("steps.")).toEqual(["make"]);
    expect(offered("steps.make.")).toEqual(["outputs", "outcome", "conclusion"]);
    expect(offered("env.")).toEqual(["TARGET", "SUITE"]);
    expect(offered("runner.os == 'Linux' && matrix.")).toEqual(["os", "extra"]);
});

test("within a text of an expression nothing is offered, nor outside of one", () => {
    expect(offered("github.ref == 'refs/")).toBeUndefined();
    expect(offered("${{ github.ref }} or ", FILE.replace("if: WHERE", "run: WHERE"))).toBeUndefined();
});

test("the inputs of a well-known action are offered in its `with`", () => {
    const lines = FILE.split("\n");
    const row = lines.findIndex((line) => line.trim() === "re");
    const found = completeWith(tables, lines, row, 12);
    expect(found?.choices.map((choice) => choice.label)).toEqual(
        expect.arrayContaining(["repository", "ref", "fetch-depth"]),
    );
    expect(found?.from).toBe(10);
    expect(completeWith(tables, lines, 3, 6)).toBeUndefined();
});

test("a file's outline holds also what is in braces, and nothing of a script", () => {
    const { jobs, inputs } = outlineOf(FILE.split("\n"));
    expect([...jobs.keys()]).toEqual(["plan", "build", "last"]);
    expect(jobs.get("last")?.needs).toEqual(["build"]);
    expect(inputs).toContain("dry");
    expect(flow("{a: 1, 'b': [x, {c: 2}]}")).toEqual(["a", "b"]);
    expect(flow("[a, b]  # both")).toEqual(["a", "b"]);
    expect(flow("{strategy: {matrix")).toEqual(["strategy"]);
});
