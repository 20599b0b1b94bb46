/* The list of runs in a real browser. A test's name is the sentence it proves. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, Server, until } from "./server.js";

const WORKFLOWS = {
    ".github/workflows/wait.yml": `name: Wait
on: workflow_dispatch
jobs: {wait: {runs-on: nowhere, steps: [{run: echo never}]}}
`,
};
const MANY = 60;

const server = new Server();
const browser = new Browser();

before(async () => {
    await server.start();
    await browser.start();
    await server.project("queue", WORKFLOWS);
    for (let i = 0; i < MANY; i++) await server.trigger("queue", "wait.yml");
});
after(async () => {
    await browser.close();
    await server.close();
});

async function withPage(options, task) {
    const context = await browser.context(server, options);
    try {
        const page = await context.newPage();
        await task(page, context);
        assert.deepEqual(context.problems, []);
    } finally {
        await context.close();
    }
}

test("what one has asked to see of a list stays when it changes", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/runs`);
        const rows = page.locator("main li");
        await until("the first are there", async () => (await rows.count()) === 50);
        await page.getByRole("button", { name: "Show more" }).click();
        await until("all are there", async () => (await rows.count()) === MANY);
        const run = await server.trigger("queue", "wait.yml");
        await until("the new one too", async () => (await rows.count()) === MANY + 1);
        await server.api("POST", `/runs/${run.id}/cancel`, {});
        await page.getByRole("img", { name: "Cancelled" }).first().waitFor();
        assert.equal(await rows.count(), MANY + 1);
    });
});
