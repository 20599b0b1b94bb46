/* `opencicd mcp` with the protocol's own SDK as the client, over a real server. A test's name is the sentence it proves. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { Server, packages, program } from "./server.js";

const sdk = join(packages, "@modelcontextprotocol/sdk/dist/esm");
const { Client } = await import(join(sdk, "client/index.js"));
const { StdioClientTransport } = await import(join(sdk, "client/stdio.js"));

const WORKFLOWS = {
    ".github/workflows/ci.yml": `name: CI
on: workflow_dispatch
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - name: Run the tests
        run: |
          seq -f "ok %.0f" 1 1000
          echo "::error file=tests/lease.c,line=42::expected 3, got 2"; exit 7
`,
    ".github/workflows/long.yml": `on: workflow_dispatch
jobs: {wait: {runs-on: ubuntu-latest, steps: [{run: 'sleep 5773'}]}}
`,
};

const server = new Server();
let run;

before(async () => {
    await server.start();
    await server.project("demo", WORKFLOWS);
    run = await server.finished((await server.trigger("demo", "ci.yml")).id);
});
after(() => server.close());

async function withClient(flags, task) {
    const client = new Client({ name: "test", version: "1" });
    const transport = new StdioClientTransport({
        command: program,
        args: ["mcp", ...flags],
        env: { ...process.env, ...server.environment },
        stderr: "pipe",
    });
    await client.connect(transport);
    try {
        await task(client);
    } finally {
        await client.close();
    }
}

async function call(client, name, given, failed = false) {
    const got = await client.callTool({ name, arguments: given });
    assert.equal(Boolean(got.isError), failed, got.content[0].text);
    return got.content[0].text;
}

test("an agent finds why a run failed, and reads the log around it", async () => {
    await withClient([], async (client) => {
        assert.equal(client.getServerVersion().name, "open-cicd");
        assert.match(client.getInstructions(), /show_failure/);
        const { tools } = await client.listTools();
        const names = tools.map((tool) => tool.name);
        assert.ok(names.includes("show_failure") && !names.includes("rerun"));
        assert.ok(tools.every((tool) => tool.annotations.readOnlyHint));
        const { items } = JSON.parse(await call(client, "list_runs", { project: "demo" }));
        assert.equal(items[0].id, run.id);
        assert.equal(items[0].result, "failure");
        assert.match(await call(client, "show_failure", { run: run.id }), /expected 3, got 2/);
        const job = run.jobs[0].id;
        const found = JSON.parse(await call(client, "search_log", { job, pattern: "ok 777" }));
        assert.equal(found.count, 1);
        const lines = await call(client, "read_log", { job, line: found.items[0].line, lines: 2 });
        assert.match(lines, /ok 777\r?\n.*ok 778/);
        assert.match(await call(client, "list_annotations", { run: run.id }), /tests\/lease\.c/);
        assert.match(await call(client, "show_plan", { run: run.id }), /Run the tests/);
    });
});

test("what goes wrong is said in words, and changes need --write", async () => {
    await withClient([], async (client) => {
        assert.match(await call(client, "show_run", { run: "r0" }, true), /there is no run r0/);
        assert.match(await call(client, "show_run", {}, true), /run: is missing/);
        assert.match(await call(client, "rerun", { run: run.id }, true), /read-only/);
        await assert.rejects(client.callTool({ name: "no_such_tool", arguments: {} }), /Unknown tool/);
        await client.ping();
    });
});

test("with --write an agent runs a workflow again", async () => {
    await withClient(["--write"], async (client) => {
        const again = JSON.parse(await call(client, "rerun", { run: run.id, only: "failed" }));
        assert.equal(again.id, run.id);
        assert.equal(again.attempt, 2);
        await server.finished(run.id);
        const made = JSON.parse(
            await call(client, "trigger_workflow", { project: "demo", workflow: "long.yml" }),
        );
        assert.match(made.id, /^r/);
        await call(client, "cancel_run", { run: made.id, hard: true });
        await server.finished(made.id);
    });
});
