/* Secrets, variables, environments, approvals and caches in a real browser. A test's name is the sentence it proves. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { look, withPage } from "./look.js";
import { Browser, Server } from "./server.js";

const PLANTED = "kestrel-plumage-7731";
const FILES = {
    ".github/workflows/deploy.yml": `name: Deploy
on: workflow_dispatch
jobs:
  site:
    runs-on: ubuntu-latest
    environment: {name: production, url: 'https://site.example/\${{ vars.REGION }}'}
    steps: [{run: 'echo "\${#T} characters: $T"', env: {T: '\${{ secrets.TOKEN }}'}}]
`,
    ".github/workflows/keep.yml": `name: Keep
on: workflow_dispatch
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: ./keep
`,
    "keep/action.yml": "runs: {using: node20, main: main.js}\n",
    "keep/main.js": `const headers = { authorization: "Bearer " + process.env.ACTIONS_RUNTIME_TOKEN, "content-type": "application/json" };
const at = process.env.ACTIONS_CACHE_URL + "_apis/artifactcache/caches";
async function keep (key, body) {
    const begun = await fetch (at, { method: "POST", headers, body: JSON.stringify ({ key, version: "1" }) });
    const one = at + "/" + (await begun.json ()).cacheId;
    await fetch (one, { method: "PATCH", headers: { ...headers, "content-range": "bytes 0-" + (body.length - 1) + "/*" }, body });
    const kept = await fetch (one, { method: "POST", headers, body: JSON.stringify ({ size: body.length }) });
    if (!kept.ok) throw new Error (key + ": " + kept.status);
}
keep ("npm-1", "x".repeat (1500)).then (() => keep ("npm-2", "x".repeat (2500))).then (() => keep ("gcc-1", "x".repeat (500)));
`,
};

const server = new Server();
const browser = new Browser();

before(async () => {
    await server.start();
    await browser.start();
    await server.project("demo", FILES);
});
after(async () => {
    await browser.close();
    await server.close();
});

const settings = "/projects/demo/settings";

test("a secret is set on a project's page, never shown again, and removed", async () => {
    await withPage(browser, server, {}, async (page) => {
        await page.goto(`${server.url}/projects/demo`);
        await page.getByRole("link", { name: "Settings" }).last().click();
        await page.waitForURL(`**${settings}`);
        const secrets = page.getByRole("region", { name: "Secrets" });
        await secrets.getByLabel("Name").fill("token");
        await secrets.getByLabel("Value").fill(PLANTED);
        await secrets.getByRole("button", { name: "Set secret" }).click();
        await secrets.getByText("TOKEN", { exact: true }).waitFor();
        assert.equal(await secrets.getByLabel("Value").inputValue(), "");
        await page.reload();
        await secrets.getByText("TOKEN", { exact: true }).waitFor();
        assert.ok(!(await page.content()).includes(PLANTED));
        page.once("dialog", (dialog) => dialog.accept());
        await secrets.getByRole("button", { name: "Remove TOKEN" }).click();
        await secrets.getByText("None.").waitFor();
        await secrets.getByLabel("Name").fill("GITHUB_TOKEN");
        await secrets.getByLabel("Value").fill("x");
        await secrets.getByRole("button", { name: "Set secret" }).click();
        await page.getByText("names that begin with GITHUB_ are reserved").waitFor();
    });
});

test("a job of an environment waits for its approver, who is asked on the first page and on the run's", async () => {
    await withPage(browser, server, {}, async (page) => {
        await page.goto(server.url + settings);
        await page.getByRole("button", { name: "New environment" }).click();
        const form = page.getByRole("dialog");
        await form.getByLabel("Name").fill("production");
        await form.getByLabel(/^Approved by/).fill("ada\neve");
        await form.getByLabel(/^Branches/).fill("main");
        await form.getByRole("button", { name: "Save" }).click();
        const environments = page.getByRole("region", { name: "Environments" });
        await environments.getByText("approved by ada or eve; branches main").waitFor();
        await environments.getByRole("button", { name: "Secrets and variables" }).click();
        const secrets = environments.getByRole("region", { name: "Secrets" });
        await secrets.getByLabel("Name").fill("TOKEN");
        await secrets.getByLabel("Value").fill(PLANTED);
        await secrets.getByRole("button", { name: "Set secret" }).click();
        await secrets.getByText("TOKEN", { exact: true }).waitFor();
        const variables = environments.getByRole("region", { name: "Variables" });
        await variables.getByLabel("Name").fill("region");
        await variables.getByLabel("Value").fill("eu-1");
        await variables.getByRole("button", { name: "Set variable" }).click();
        await variables.getByText("eu-1").waitFor();

        const run = await server.trigger("demo", "deploy.yml");
        await page.goto(server.url);
        const asked = page.getByRole("link", { name: "demo #1: site to production" });
        await asked.waitFor();
        await asked.click();
        const approval = page.getByRole("region", { name: "Waits for your approval" });
        await approval.getByText("waits for your approval").waitFor();
        await page.getByText("deploying to production needs an approval by ada or eve").first().waitFor();
        await approval.getByLabel("Comment").fill("tested on staging");
        await approval.getByRole("button", { name: "Approve" }).click();
        await page.getByText(/approved\s+site to production/).waitFor();
        await page.getByText(/tested on staging/).waitFor();
        await page.getByRole("link", { name: "production: https://site.example/eu-1" }).waitFor();
        const ended = await server.finished(run.id);
        assert.equal(ended.result, "success");
        const log = await (
            await fetch(`${server.url}/api/v1/jobs/${ended.jobs[0].id}/log`, {
                headers: { Authorization: `Bearer ${server.token}` },
            })
        ).text();
        assert.match(log, new RegExp(`${PLANTED.length} characters: \\*\\*\\*`));
        assert.ok(!log.includes(PLANTED));
    });
});

test("a job that waits is approved on the first page, by itself", async () => {
    const run = await server.trigger("demo", "deploy.yml");
    await withPage(browser, server, {}, async (page) => {
        await page.goto(server.url);
        page.once("dialog", (dialog) => dialog.accept());
        await page.getByRole("button", { name: `Approve demo #${run.number}: site to production` }).click();
        await page.getByText("site to production is approved.").waitFor();
        await page.getByText("Waiting on you").waitFor({ state: "detached" });
    });
    assert.equal((await server.finished(run.id)).result, "success");
});

test("a rejected job fails with who said so", async () => {
    const run = await server.trigger("demo", "deploy.yml");
    await withPage(browser, server, {}, async (page) => {
        await page.goto(`${server.url}/runs/${run.id}`);
        const approval = page.getByRole("region", { name: "Waits for your approval" });
        await approval.getByLabel("Comment").fill("not today");
        await approval.getByRole("button", { name: "Reject" }).click();
        await page.getByText(/rejected\s+site to production/).waitFor();
    });
    const ended = await server.finished(run.id);
    assert.equal(ended.result, "failure");
    assert.match(ended.jobs[0].reason, /rejected its deployment to production: not today$/);
});

test("what jobs keep is listed with the room that it takes, found by its key, and removed", async () => {
    assert.equal((await server.finished((await server.trigger("demo", "keep.yml")).id)).result, "success");
    await withPage(browser, server, {}, async (page) => {
        await page.goto(server.url + settings);
        const caches = page.getByRole("region", { name: "Caches" });
        await caches.getByText(/^3 caches, 4\.5 kB;\s+stored [\d.]+ kB\s+of\s+10\.7 GB$/).waitFor();
        await caches.getByLabel("Key begins with").fill("npm-");
        await caches.getByLabel("Key begins with").press("Enter");
        await caches.getByText("gcc-1").waitFor({ state: "detached" });
        await caches.getByText("main · 2.5 kB").waitFor();
        page.on("dialog", (dialog) => dialog.accept());
        await caches.getByRole("button", { name: "Remove npm-2 of main" }).click();
        await page.getByText("1 cache of 2.5 kB removed.").waitFor();
        await caches.getByText("npm-2").waitFor({ state: "detached" });
        assert.deepEqual(
            (await server.api("GET", "/projects/demo/caches")).items.map((cache) => cache.key).sort(),
            ["gcc-1", "npm-1"],
        );
        await caches.getByRole("button", { name: "Remove all" }).click();
        await caches.getByText("None.").waitFor();
        assert.equal((await server.api("GET", "/projects/demo/caches")).count, 0);
    });
});

test("the pages of settings, and a run that waits for an approval, are accessible and fit their screens", async () => {
    const run = await server.trigger("demo", "deploy.yml");
    await server.api("PUT", "/variables/REGION", { value: "of all projects" });
    await server.finished((await server.trigger("demo", "keep.yml")).id);
    await look(
        browser,
        server,
        { settings: "/settings", project: settings, home: "/", run: `/runs/${run.id}` },
        async (page, name) => {
            if (name === "run") await page.getByRole("region", { name: "Waits for your approval" }).waitFor();
            if (name === "home") await page.getByText("Waiting on you").waitFor();
            if (name === "project") await page.getByText("approved by ada or eve").waitFor();
            if (name === "project") await page.getByText(/^3 caches/).waitFor();
        },
    );
});
