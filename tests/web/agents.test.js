/* The pages of agents in a real browser: what they do, how busy they were, and taking one out of service. A test's name is the sentence it
 * proves. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { look, visit, withPage } from "./look.js";
import { Browser, Server, until } from "./server.js";

const server = new Server({ agents: 1 });
const browser = new Browser();
const gate = join(server.folder, "gate"); // The job ends once it is there
const WORKFLOWS = {
    ".github/workflows/hold.yml": `name: Hold
on: workflow_dispatch
jobs:
  hold:
    runs-on: ubuntu-latest
    steps: [{run: 'until [ -e ${gate} ]; do sleep 0.05; done'}]
`,
    ".github/workflows/say.yml": `name: Say
on: workflow_dispatch
jobs: {say: {runs-on: ubuntu-latest, steps: [{run: echo hello}]}}
`,
};
let agent;

before(async () => {
    await Promise.all([server.start(), browser.start()]);
    await server.project("demo", WORKFLOWS);
    agent = await until("the agent is there", async () => (await server.api("GET", "/agents")).items[0]);
    // How busy it was is of whole seconds, and read once a visit
    await until("it has been there for a while", () => Date.now() - Date.parse(agent.registered_at) > 2000);
});
after(async () => {
    await browser.close();
    await server.close();
});

test("an agent shows the job that it has, ends it when it is drained, and takes another only once it is resumed", async () => {
    await withPage(browser, server, {}, async (page) => {
        const held = await server.trigger("demo", "hold.yml");
        await page.goto(`${server.url}/agents`);
        await page.getByText("1 agent: 1 busy").waitFor(); // By itself: nothing is loaded anew
        const row = page.getByRole("listitem").filter({ hasText: agent.name });
        await row.getByRole("link", { name: "hold", exact: true }).waitFor();
        await row.getByText(/^demo/).waitFor();
        await row.getByText(/Busy \d+ % of the last/).waitFor({ state: "attached" });
        await row.getByRole("link", { name: agent.name }).click();
        await page.waitForURL(`${server.url}/agents/${agent.name}`);
        await page.getByText(/busy in the last/).waitFor();
        await page.getByRole("button", { name: "Drain" }).click();
        await page.getByText("Draining").waitFor();
        await page.getByText("it gets no other job until it is resumed").waitFor();
        const waiting = await server.trigger("demo", "say.yml");
        writeFileSync(gate, "");
        await server.finished(held.id);
        await page.getByText(/^idle for/).waitFor();
        const last = page.getByRole("region", { name: "Last jobs" });
        await last.getByRole("listitem").filter({ hasText: "hold" }).getByText("Succeeded").waitFor();
        await visit(page, server, `/runs/${waiting.id}`);
        await page.getByText("all agents for it are drained or about to end").waitFor();
        await visit(page, server, "/agents");
        await page.getByText("1 agent: 1 idle, 1 draining").waitFor();
        await page.getByRole("button", { name: "Change" }).click();
        await page.getByRole("menuitem", { name: "Resume" }).click();
        await page.getByText("It gets jobs again.").waitFor();
        assert.equal((await server.finished(waiting.id)).result, "success");
        await page.getByText("1 agent: 1 idle", { exact: true }).waitFor();
    });
});

test("an agent that registers, and one that somebody else drains, are seen without loading anew", async () => {
    await withPage(browser, server, {}, async (page) => {
        await page.goto(`${server.url}/agents`);
        await page.getByText("1 agent: 1 idle", { exact: true }).waitFor();
        await server.api("POST", "/register", { name: "extra", labels: ["moon"] });
        const row = page.getByRole("listitem").filter({ hasText: "extra" });
        await row.getByText("moon").waitFor();
        await server.api("POST", "/agents/extra/drain");
        await row.getByText("Draining").waitFor();
        await server.api("POST", "/agents/extra/resume");
        await row.getByText("Draining").waitFor({ state: "detached" });
        await server.api("DELETE", "/agents/extra");
        await row.waitFor({ state: "detached" });
    });
});

test("the pages of agents are accessible and fit their screens", async () => {
    await server.api("POST", `/agents/${agent.name}/drain`);
    await look(browser, server, { agents: "/agents", agent: `/agents/${agent.name}` }, (page) =>
        page.getByText("Draining").first().waitFor(),
    );
    await server.api("POST", `/agents/${agent.name}/resume`);
});

test("an agent is removed, and is gone from the list", async () => {
    await withPage(browser, server, {}, async (page) => {
        await page.goto(`${server.url}/agents/${agent.name}`);
        await page.getByRole("button", { name: "Remove" }).click();
        await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
        await page.waitForURL(`${server.url}/agents`);
        await page.getByText(`The agent ${agent.name} is removed.`).waitFor();
        await until(
            "it is gone",
            async () => (await page.getByText(agent.name, { exact: true }).count()) === 0,
        );
    });
});
