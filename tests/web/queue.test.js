/* The page of the queue in a real browser. A test's name is the sentence it proves. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { look, withPage } from "./look.js";
import { Browser, Server, until } from "./server.js";

const WAITS = {
    ".github/workflows/moon.yml": `name: Moon
on: workflow_dispatch
jobs: {land: {runs-on: [linux, moon], steps: [{run: echo landed}]}}
`,
    ".github/workflows/many.yml": `name: Many
on: workflow_dispatch
jobs:
  cell:
    runs-on: nowhere
    strategy: {matrix: {n: [1, 2, 3, 4, 5, 6, 7, 8]}}
    steps: [{run: echo never}]
`,
};

const server = new Server();
const browser = new Browser();

before(async () => {
    await Promise.all([server.start(), browser.start()]);
});
after(async () => {
    await browser.close();
    await server.close();
});

test("a job that waits can be seen with its reason, moved before the others and cancelled", async () => {
    await withPage(browser, server, {}, async (page) => {
        await page.goto(`${server.url}/queue`);
        await page.getByText("No job waits for an agent").waitFor();
        await server.project("demo", WAITS);
        await server.trigger("demo", "many.yml");
        await server.trigger("demo", "moon.yml");
        const moon = page.getByRole("region", { name: /linux moon/ }); // By itself: nothing is loaded anew
        await moon.getByText("Can never run").waitFor();
        await moon.getByText(/^No agent has/).waitFor();
        await moon.getByText(/To help: .*opencicd-agent --labels linux,moon/).waitFor();
        const many = page.getByRole("region", { name: "nowhere" });
        await many.getByRole("button", { name: "Show 3 more" }).click();
        await until("all are there", async () => (await many.getByRole("listitem").count()) === 8);
        const last = many.getByRole("listitem").last();
        assert.match(await last.innerText(), /cell \(8\)/);
        await last.getByRole("button", { name: "Change" }).click();
        await last.getByRole("menuitem", { name: "Run first" }).click();
        const first = many.getByRole("listitem").first();
        await first.getByText("cell (8)").waitFor();
        await first.getByText("priority +100").waitFor();
        await first.getByRole("button", { name: "Change" }).click();
        await first.getByRole("menuitem", { name: "Cancel" }).click();
        await first.getByText("cell (1)").waitFor();
        await until("it is gone", async () => (await many.getByRole("listitem").count()) < 8);
    });
});

test("the page of the queue is accessible and fits its screen", async () => {
    await look(browser, server, { queue: "/queue" });
});
