/* The list of runs, and starting one, in a real browser. A test's name is the sentence it proves. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { look, withPage as inPage } from "./look.js";
import { Browser, Server, until } from "./server.js";

const WORKFLOWS = {
    ".github/workflows/wait.yml": `name: Wait
on: workflow_dispatch
jobs: {wait: {runs-on: nowhere, steps: [{run: echo never}]}}
`,
    ".github/workflows/green.yml": `name: Green
on: {workflow_dispatch: }
jobs: {say: {runs-on: ubuntu-latest, steps: [{run: echo hello}]}}
`,
    ".github/workflows/deploy.yml": `name: Deploy
on:
  workflow_dispatch:
    inputs:
      target: {type: choice, options: [test, live], default: test, description: Where it goes}
      count: {type: number, required: true}
      dry: {type: boolean, default: true}
      note: {type: string}
      place: {type: environment}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - run: echo "to \${{ inputs.target }} \${{ inputs.count }} times, dry \${{ inputs.dry }}, note [\${{ inputs.note }}]"
`,
    ".github/workflows/broken.yml": "on: push\njobs: 7\n",
};
const MANY = 60;

const server = new Server();
const browser = new Browser();
let green;

before(async () => {
    await Promise.all([server.start(), browser.start()]);
    await server.project("queue", WORKFLOWS);
    await server.project("other", WORKFLOWS);
    green = await server.finished((await server.trigger("other", "green.yml")).id);
    for (let i = 0; i < MANY; i++) await server.trigger("queue", "wait.yml");
});
after(async () => {
    await browser.close();
    await server.close();
});

const withPage = (options, task) => inPage(browser, server, options, task);

test("what one has asked to see of a list stays when it changes", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/runs`);
        const rows = page.locator("main li");
        await until("the first are there", async () => (await rows.count()) === 50);
        await page.getByRole("button", { name: "Show more" }).click();
        await until("all are there", async () => (await rows.count()) === MANY + 1);
        const run = await server.trigger("queue", "wait.yml");
        await page.getByRole("button", { name: "1 new run" }).click();
        await until("the new one too", async () => (await rows.count()) === MANY + 2);
        await server.api("POST", `/runs/${run.id}/cancel`, {});
        await page.locator("main li", { hasText: "Cancelled" }).first().waitFor();
        assert.equal(await rows.count(), MANY + 2);
    });
});

test("filters are in the address, and narrow the list on the server", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/runs`);
        const rows = page.locator("main li");
        await rows.first().waitFor();
        await page.getByLabel("Project", { exact: true }).selectOption("other");
        await until("one is left", async () => (await rows.count()) === 1);
        await page.getByLabel("Status").selectOption("success");
        await page.getByLabel("Branch or tag").fill("main");
        await page.getByLabel("Branch or tag").press("Enter");
        await page.waitForURL(/project=other&status=success&ref=main$/);
        await until("it is still there", async () => (await rows.count()) === 1);
        await page.getByLabel("Event").selectOption("push");
        await page.getByText("No run matches").waitFor();
        await page.getByRole("link", { name: "Show all runs" }).click();
        await page.waitForURL(`${server.url}/runs`);
        await page.goto(
            `${server.url}/runs?actor=${encodeURIComponent(green.actor)}&within=1h&status=success`,
        );
        await until("one is left", async () => (await rows.count()) === 1);
    });
});

test("a project's page has its branches, each with its latest run, and leads to all runs of one", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/projects/other`);
        const refs = page.getByRole("region", { name: "Branches and pull requests" });
        const latest = refs.getByRole("link", { name: "The latest run of main: Succeeded" });
        assert.equal(await latest.getAttribute("href"), `/runs/${green.id}`);
        await refs.getByRole("link", { name: "main", exact: true }).click();
        await page.waitForURL(/\/runs\?project=other&ref=refs%2Fheads%2Fmain$/);
        await until("one is there", async () => (await page.locator("main li").count()) === 1);
    });
});

test("under somebody who reads, new runs are counted and nothing moves", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/runs`);
        const rows = page.locator("main li");
        await until("they are there", async () => (await rows.count()) === 50);
        await page.mouse.wheel(0, 600);
        await until("it has scrolled", async () => (await page.evaluate("scrollY")) > 300);
        const row = rows.nth(20);
        const before = await row.boundingBox();
        const name = await row.locator("a").getAttribute("href");
        const made = await server.trigger("other", "green.yml");
        await page.getByRole("button", { name: "1 new run" }).waitFor();
        await server.finished(made.id);
        assert.deepEqual(await row.boundingBox(), before);
        assert.equal(await row.locator("a").getAttribute("href"), name);
        await page.getByRole("button", { name: "1 new run" }).click();
        await page.locator(`main li a[href="/runs/${made.id}"]`).waitFor();
        assert.equal(await page.evaluate("scrollY"), 0);
    });
});

test("several runs are chosen, and cancelled or run again together", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/runs?project=queue&status=running`);
        const boxes = page.getByRole("checkbox");
        await boxes.first().waitFor();
        const going = await boxes.count();
        await boxes.nth(0).check();
        await boxes.nth(2).check();
        await page.getByText("2 chosen").waitFor();
        await page.getByRole("button", { name: "Cancel 2" }).click();
        await page.getByText("2 runs asked to stop.").waitFor();
        await page.goto(`${server.url}/runs?project=queue&status=cancelled`);
        await until("they are cancelled", async () => (await boxes.count()) >= 2);
        await boxes.nth(0).check();
        await page.getByRole("button", { name: "Rerun 1" }).click();
        await page.getByText("1 run again.").waitFor();
        assert.ok(going > 2);
    });
});

test("a workflow is run by a form of its inputs", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/projects/other`);
        await page.getByRole("button", { name: "Run a workflow" }).click();
        await page.getByText("broken.yml:2:7", { exact: false }).waitFor(); // What cannot be read is said
        await page
            .getByRole("combobox", { name: /^Workflow/ })
            .selectOption({ label: "Deploy (deploy.yml)" });
        await page.getByLabel("Where it goes").selectOption("live");
        assert.equal(await page.getByLabel("dry").isChecked(), true);
        await page.getByLabel("dry").uncheck();
        await page.getByLabel("note").fill("a b");
        await page.getByRole("button", { name: "Run", exact: true }).click();
        assert.ok(page.url().endsWith("/projects/other")); // The number is required
        await page.getByLabel("count").fill("3");
        await page.getByRole("button", { name: "Run", exact: true }).click();
        await page.waitForURL(/\/runs\//);
        await page.getByRole("link", { name: /deploy/ }).click();
        await page.getByText("to live 3 times, dry false, note [a b]", { exact: true }).waitFor();
    });
});

test("the list and the form are accessible and fit their screen, light and dark, wide and narrow", async () => {
    await look(
        browser,
        server,
        { bulk: "/runs?status=running", form: "/projects/other" },
        async (page, name) => {
            if (name === "bulk") {
                await page.getByRole("checkbox").nth(1).check();
                await page.getByText("1 chosen").waitFor();
                await server.trigger("queue", "wait.yml");
                await page.getByText("1 new run").waitFor();
                return;
            }
            await page.getByRole("button", { name: "Run a workflow" }).click();
            await page
                .getByRole("combobox", { name: /^Workflow/ })
                .selectOption({ label: "Deploy (deploy.yml)" });
            await page.getByLabel("count").waitFor();
        },
    );
});
