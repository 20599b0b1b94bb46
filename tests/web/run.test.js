/* The page of a run in a real browser. A test's name is the sentence it proves. */

import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { look, visit, withPage as inPage } from "./look.js";
import { Browser, Server, until } from "./server.js";

const server = new Server();
const browser = new Browser();
const gate = join(server.folder, "gate"); // A slow run ends once it is there

const WORKFLOWS = {
    ".github/workflows/summary.yml": `name: Summary
on:
  workflow_dispatch:
    inputs: {target: {default: test}}
jobs:
  report:
    runs-on: ubuntu-latest
    steps:
      - run: |
          {
            echo "### Coverage"
            echo "| file | lines |"
            echo "|---|---|"
            echo "| lease.c | 93 % |"
            echo
            echo '<img src=x onerror="document.title=1"><script>document.title=2</script>'
            echo
            echo "![badge](https://elsewhere.example.org/badge.svg)"
          } >> $GITHUB_STEP_SUMMARY
  flaky:
    runs-on: ubuntu-latest
    steps: [{run: 'exit 1'}]
`,
    ".github/workflows/slow.yml": `name: Slow
on: workflow_dispatch
jobs: {wait: {runs-on: ubuntu-latest, steps: [{run: 'sleep 0.5; until [ -e ${gate} ]; do sleep 0.05; done'}]}}
`,
    ".github/workflows/reported.yml": `name: Reported
on: workflow_dispatch
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          {
            echo '<testsuite name="lease">'
            echo '<testcase name="is renewed" time="0.25"/>'
            echo '<testcase name="expires" time="1.5"><failure message="expected 3, got 2">lease.c:42</failure></testcase>'
            echo '<testcase name="is fenced"><skipped/></testcase>'
            echo '</testsuite>'
          } > junit.xml
          echo "::report file=junit.xml::"
          exit 1
`,
    ".github/workflows/wide.yml": `name: Wide
on: workflow_dispatch
jobs:
  setup: {runs-on: nowhere, steps: [{run: echo}]}
  test:
    needs: setup
    runs-on: nowhere
    strategy: {matrix: {os: [a, b, c, d, e, f, g, h, i, j], version: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]}}
    steps: [{run: echo}]
${Array.from({ length: 99 }, (_, at) => `  part${at}: {needs: ${at < 10 ? "setup" : `part${at - 10}`}, runs-on: nowhere, steps: [{run: echo}]}`).join("\n")}
`,
};

let summary;

before(async () => {
    await Promise.all([server.start(), browser.start()]);
    await server.project("site", WORKFLOWS);
    summary = await server.finished((await server.trigger("site", "summary.yml")).id);
});
after(async () => {
    await browser.close();
    await server.close();
});

const withPage = (options, task) => inPage(browser, server, options, task);

test("the summaries of steps are shown as Markdown, of which nothing runs and nothing is loaded", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/runs/${summary.id}`);
        const shown = page.getByRole("region", { name: "Summaries" });
        await shown.getByRole("heading", { name: "Coverage" }).waitFor();
        await shown.getByRole("cell", { name: "93 %" }).waitFor();
        await shown.getByText("[badge]").waitFor();
        assert.equal(await shown.locator("img, script").count(), 0);
        assert.match(await page.title(), /open-cicd/);
        await page.getByText("target=test", { exact: true }).waitFor(); // What it was run with
    });
});

test("one job is run again in two clicks, its run goes on, and the old attempt can still be read", async () => {
    await withPage({}, async (page) => {
        const job = summary.jobs.find((one) => one.name === "flaky");
        await page.goto(`${server.url}/jobs/${job.id}`);
        await page.getByRole("button", { name: "Rerun" }).click();
        await page.getByRole("menuitem", { name: "With debug output" }).click();
        await page.waitForURL(`${server.url}/runs/${summary.id}`);
        await server.finished(summary.id);
        await until("a second attempt has ended", async () => {
            const now = await server.api("GET", `/jobs/${job.id}`);
            return now.attempt === 2 && now.state === "finished";
        });
        await page.goto(`${server.url}/jobs/${job.id}`);
        await page.getByLabel("Attempt").selectOption("1");
        await page.waitForURL(/attempt=1$/);
        await page.getByText("exit code 1").first().waitFor();
    });
});

test("a run under way says about how long it still takes, once a few have shown it", async () => {
    writeFileSync(gate, "");
    for (let i = 0; i < 3; i++) await server.finished((await server.trigger("site", "slow.yml")).id);
    rmSync(gate);
    await withPage({}, async (page) => {
        const run = await server.trigger("site", "slow.yml");
        await page.goto(`${server.url}/runs/${run.id}`);
        await page.getByText(/about .* left|usually/).waitFor();
        writeFileSync(gate, "");
        await server.finished(run.id);
    });
});

test("failed tests are named on the page of their run, new ones before known ones, with the slowest beside them", async () => {
    const first = await server.finished((await server.trigger("site", "reported.yml")).id);
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/runs/${first.id}`);
        const tests = page.getByRole("region", { name: "Tests" });
        await tests.getByText("1 failed, 1 passed, 1 skipped").waitFor();
        const failed = tests.getByRole("listitem").first();
        await failed.getByText("lease › expires").waitFor();
        await failed.getByText("New", { exact: true }).waitFor();
        await failed.getByText("expected 3, got 2").waitFor();
        await tests.getByText("The slowest tests").click();
        await tests.getByText("1.5 s").waitFor();
        const second = await server.finished((await server.trigger("site", "reported.yml")).id);
        await visit(page, server, `/runs/${second.id}`);
        await tests.getByText("Known", { exact: true }).waitFor(); // It failed before
        await tests.getByText("failed in 2 of 2 runs").waitFor();
        await tests.getByRole("link", { name: "lease › expires" }).click();
        const beside = page.getByRole("region", { name: "Failed tests" });
        await beside.getByText("lease › expires").waitFor();
        await beside.getByText("expected 3, got 2").waitFor();
    });
    await look(browser, server, { tests: `/runs/${first.id}` }, (page) =>
        page.getByRole("region", { name: "Tests" }).getByRole("link", { name: "lease › expires" }).waitFor(),
    );
});

test("whoever wants reduced motion sees a running job that does not turn", async () => {
    rmSync(gate, { force: true });
    const run = await server.trigger("site", "slow.yml");
    const turns = (page) =>
        page
            .locator("svg .animate-spin")
            .first()
            .evaluate((one) => {
                const { animationDuration, animationIterationCount } = getComputedStyle(one);
                return animationIterationCount === "infinite" && parseFloat(animationDuration) > 0.1;
            });
    await withPage({}, async (page) => {
        await page.emulateMedia({ reducedMotion: "no-preference" }); // Tests' browsers ask for less of it
        await page.goto(`${server.url}/runs/${run.id}`);
        await page.getByText("Running").first().waitFor();
        assert.equal(await turns(page), true);
        await page.emulateMedia({ reducedMotion: "reduce" });
        assert.equal(await turns(page), false);
    });
    writeFileSync(gate, "");
    await server.finished(run.id);
});

test("a run that waits is moved before the others, and back", async () => {
    const run = await server.trigger("site", "wide.yml");
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/runs/${run.id}`);
        await page.getByRole("button", { name: "Priority" }).click();
        await page.getByRole("menuitem", { name: "Run its jobs first" }).click();
        await page.getByText("priority +100").waitFor();
        assert.equal((await server.api("GET", `/runs/${run.id}`)).priority, 100);
        await page.getByRole("button", { name: "Priority" }).click();
        await page.getByRole("menuitem", { name: "Back to their places" }).click();
        await page.getByText("priority +100").waitFor({ state: "detached" });
        await page.getByRole("button", { name: "Cancel" }).click();
        await page.getByRole("menuitem", { name: "Kill at once" }).click();
        await page.getByText("Cancelled").first().waitFor();
    });
});

test("three hundred jobs are drawn at once, the cells of a matrix as one, and fit a narrow screen", async () => {
    const run = await server.trigger("site", "wide.yml");
    const pages = { wide: `/runs/${run.id}`, summary: `/runs/${summary.id}` };
    await look(browser, server, pages, async (page, name) => {
        if (name === "summary") return page.getByRole("heading", { name: "Coverage" }).waitFor();
        await page.getByRole("group", { name: "part98" }).waitFor();
        assert.ok((await page.locator("main [role=group]").count()) < 110); // 200 cells are one
        const took = await page.evaluate(async () => {
            const tab = (text) =>
                [...document.querySelectorAll("[role=tab]")].find((one) => one.innerText === text);
            tab("List").click();
            while (document.querySelector("main [role=group]")) await new Promise(requestAnimationFrame);
            const begin = performance.now();
            tab("Graph").click();
            while (document.querySelectorAll("main [role=group]").length < 100)
                await new Promise((done) => setTimeout(done));
            document.body.getBoundingClientRect(); // Laid out
            return performance.now() - begin;
        });
        console.log(`# 300 jobs as a graph, ${page.viewportSize().width} px wide: ${Math.round(took)} ms`);
    });
});
