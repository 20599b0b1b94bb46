/* The pages of a project's insights and of a run's plan in a real browser. A test's name is the sentence it proves. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { look, withPage } from "./look.js";
import { Browser, Server } from "./server.js";

const WORKFLOWS = {
    ".github/workflows/ci.yml": `name: CI
on:
  workflow_dispatch:
    inputs: {good: {type: boolean, default: true}}
env: {TARGET: site}
jobs:
  test:
    runs-on: ubuntu-latest
    strategy: {fail-fast: false, matrix: {suite: [unit, service]}}
    env: {SUITE: "\${{ matrix.suite }}"}
    steps:
      - name: Wait a little
        run: sleep 0.2
      - name: Run the tests
        if: github.event_name != 'push'
        run: test "\${{ inputs.good }}" = true
  deploy:
    needs: test
    if: github.ref == 'refs/heads/main' && startsWith(github.actor, 'nobody')
    runs-on: ubuntu-latest
    steps: [{run: echo deployed}]
`,
};

const server = new Server();
const browser = new Browser();
let run;

before(async () => {
    await Promise.all([server.start(), browser.start()]);
    await server.project("demo", WORKFLOWS);
    for (const good of [true, false]) {
        run = await server.api("POST", "/projects/demo/runs", { workflow: "ci.yml", inputs: { good } });
        await server.finished(run.id);
    }
});
after(async () => {
    await browser.close();
    await server.close();
});

test("what a project's runs took, and what came and went on one commit, is on one page", async () => {
    await withPage(browser, server, {}, async (page) => {
        await page.goto(`${server.url}/projects/demo/insights`);
        await page.getByText("50 %").first().waitFor();
        await page.getByRole("img", { name: "Results, by day" }).waitFor();
        const flaky = page.getByRole("region", { name: "Flaky jobs" });
        await flaky.getByText("test (unit)").waitFor();
        await page.getByRole("region", { name: "Slowest steps" }).getByText("Wait a little").waitFor();
        await page.getByRole("button", { name: "7 days" }).click();
        await page.waitForURL(/days=7/);
        await page.getByRole("region", { name: "Workflows" }).getByRole("button", { name: "CI" }).click();
        await page.waitForURL(/workflow=/);
        await page.getByLabel("Branch").fill("no-such-branch");
        await page.getByLabel("Branch").press("Enter");
        await page.getByText("No run was created in that time").waitFor();
        await page.goBack();
        await page.getByText("50 %").first().waitFor();
    });
});

test("why a job did not run is said with every value of its condition", async () => {
    await withPage(browser, server, {}, async (page) => {
        await page.goto(`${server.url}/runs/${run.id}/workflow`);
        const deploy = page.getByRole("region", { name: "Job deploy" });
        await deploy.getByText("Does not run").waitFor();
        const condition = await deploy.innerText();
        assert.match(condition, /needs, ended as failure/);
        assert.match(condition, /success\(\)[^\n]*\n*false/);
        const tests = page.getByRole("region", { name: "Job test" });
        await tests.getByText("TARGET, SUITE").waitFor();
        await tests.getByText("2 steps").click();
        await tests.getByText("if: github.event_name != 'push'").waitFor();
        await page.getByRole("region", { name: "The file" }).getByText("on:", { exact: false }).waitFor();
    });
});

test("both pages are accessible and fit their screens", async () => {
    await look(browser, server, {
        insights: "/projects/demo/insights",
        "insights-empty": "/projects/demo/insights?from=2020-01-01&to=2020-01-05",
        workflow: `/runs/${run.id}/workflow`,
    });
});
