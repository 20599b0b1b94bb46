/* The states of every page but the good one: on its way, empty, refused, broken, cut off. A test's name is the sentence it proves. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { judgeBoth, loaded, NARROW, visit, WIDE, withPage } from "./look.js";
import { Browser, Server, until } from "./server.js";

const WORKFLOWS = {
    ".github/workflows/ci.yml": `name: CI
on: workflow_dispatch
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: mkdir out; echo text >out/file.txt
      - uses: actions/upload-artifact@v4
        with: {name: files, path: out}
      - run: exit 1
`,
    ".github/workflows/moon.yml": `name: Moon
on: workflow_dispatch
jobs: {land: {runs-on: moon, steps: [{run: echo}]}}
`,
};

const server = new Server();
const browser = new Browser();
let pages;

before(async () => {
    await Promise.all([server.start(), browser.start()]);
    await server.project("demo", WORKFLOWS);
    const run = await server.finished((await server.trigger("demo", "ci.yml")).id);
    const [artifact] = (await server.api("GET", `/runs/${run.id}/artifacts`)).items;
    const [agent] = (await server.api("GET", "/agents")).items;
    await server.trigger("demo", "moon.yml");
    pages = {
        home: "/",
        runs: "/runs",
        projects: "/projects",
        project: "/projects/demo",
        insights: "/projects/demo/insights",
        run: `/runs/${run.id}`,
        plan: `/runs/${run.id}/workflow`,
        job: `/jobs/${run.jobs[0].id}`,
        artifact: `/artifacts/${artifact.id}`,
        queue: "/queue",
        agents: "/agents",
        agent: `/agents/${agent.name}`,
        editor: "/editor?project=demo&path=ci.yml",
        "project-settings": "/projects/demo/settings",
        settings: "/settings",
    };
});
after(async () => {
    await browser.close();
    await server.close();
});

// What the frame of all pages asks for is answered in every state: those are about the page in it.
const OF_THE_FRAME = /\/api\/v1\/(session|events)(\?|$)/;
const ofThePage = (url) => url.pathname.startsWith("/api/v1/") && !OF_THE_FRAME.test(url.pathname);

/** Each page in a state that `answer` brings about; `seen` waits for it, `left` ends it, `rules` says where it is judged in full: on the wide
 * screen, as narrow only its frame is another, which the pages themselves are looked at for. */
async function inEach({ name, answer, seen, left, rules = () => true }) {
    const found = [];
    await withPage(browser, server, WIDE, async (page) => {
        let wide = true;
        for (const [at, path] of Object.entries(pages)) {
            await page.route(ofThePage, answer);
            await visit(page, server, path);
            await seen(page, at);
            // It has begun on either kind of screen, and is turned
            for (const screen of wide ? [WIDE, NARROW] : [NARROW, WIDE]) {
                await page.setViewportSize(screen);
                found.push(
                    ...(await judgeBoth(page, `${at}-${name}`, { rules: screen === WIDE && rules(at) })),
                );
            }
            wide = !wide;
            await page.unroute(ofThePage);
            await left(page, at);
            await loaded(page);
            await page.locator("main h1").first().waitFor();
            // A part that asks again may still say what was wrong
            await until(
                `${at} is right again`,
                async () => !(await page.locator("main [role=alert]").count()),
            );
        }
    });
    assert.deepEqual(found, []);
}

test("while its answers are on their way a page shows where they will be", async () => {
    let held = [];
    await inEach({
        name: "loading",
        rules: (at) => ["home", "runs", "run", "job", "editor"].includes(at), // The others show the same two pieces
        answer: (route) => void held.push(route),
        seen: (page) => page.getByRole("status", { name: "Loading" }).first().waitFor(),
        left: async () => {
            for (const route of held) await route.continue().catch(() => {}); // The page may have given one up
            held = [];
        },
    });
});

const problem = (status, code, detail) => (route) =>
    route.fulfill({
        status,
        contentType: "application/problem+json",
        body: JSON.stringify({
            type: "about:blank",
            title: "?",
            status,
            code,
            detail,
            request_id: "q01test",
        }),
    });

test("a page whose answer fails says why, names the request, and tries again where one asks it to", async () => {
    await inEach({
        name: "error",
        answer: problem(500, "BROKEN", "the disk on which the database is does not answer"),
        seen: async (page) => {
            const alert = page.locator("main [role=alert]").first();
            await alert.getByText("The server failed").waitFor();
            await alert.getByText("the disk on which the database is does not answer").waitFor();
            await alert.getByText("request q01test").waitFor();
        },
        left: async (page) => {
            // All at once: while one goes, what is the first of those that are left changes
            await page
                .locator("main [role=alert]")
                .getByRole("button", { name: "Try again" })
                .evaluateAll((all) => all.forEach((one) => one.click()));
        },
    });
});

test("a page that one may not see says so, and no more", async () => {
    await inEach({
        name: "forbidden",
        rules: (at) => at === "run", // It is the alert of an error, which is judged on every page
        answer: problem(403, "FORBIDDEN", "this needs the role VIEWER in the project"),
        seen: async (page) => {
            const alert = page.locator("main [role=alert]").first();
            await alert.getByText("You may not see this").waitFor();
            await alert.getByText("this needs the role VIEWER in the project").waitFor();
        },
        left: async (page) => {
            await page.reload();
        },
    });
});

test("who may only look sees no way to change anything", async () => {
    const { token } = await server.api("POST", "/tokens", { role: "VIEWER", name: "reader" });
    const cookies = await server.signIn(token);
    await withPage(browser, server, { cookies }, async (page) => {
        for (const [name, path] of Object.entries(pages)) {
            await visit(page, server, path);
            await loaded(page);
            const offered = await page
                .locator("main")
                .getByRole("button", {
                    name: /rerun|cancel|change|drain|remove|run a workflow|add a|revoke|issue/i,
                })
                .allInnerTexts();
            assert.deepEqual(offered, [], name);
        }
        await page.getByText("Only an administrator").first().waitFor(); // On the last one, the settings
    });
});

test("pages that lost the server say so, keep what they show, and read it anew when it is back", async () => {
    const context = await browser.context(server);
    try {
        const open = await Promise.all(
            Object.entries(pages).map(async ([name, path]) => {
                const page = await context.newPage();
                await page.goto(server.url + path);
                await page.locator("main h1").first().waitFor();
                await loaded(page);
                return { name, page, asked: 0, text: await page.locator("main h1").first().innerText() };
            }),
        );
        const address = new URL(server.url).host;
        await server.stop();
        const found = [];
        for (const { name, page, text } of open) {
            await page.getByText("Reconnecting…").waitFor();
            assert.equal(await page.locator("main h1").first().innerText(), text, name);
            for (const screen of [WIDE, NARROW]) {
                await page.setViewportSize(screen);
                found.push(...(await judgeBoth(page, `${name}-offline`, { rules: name === "home" })));
            }
        }
        assert.deepEqual(found, []);
        for (const one of open)
            one.page.on("request", (request) => {
                if (ofThePage(new URL(request.url()))) one.asked++;
            });
        await server.start(address);
        for (const one of open) {
            await one.page.getByText("Reconnecting…").waitFor({ state: "detached" });
            await until(`${one.name} has asked anew`, () => one.asked > 0);
            await loaded(one.page);
        }
        assert.deepEqual(context.problems, []);
    } finally {
        await context.close();
    }
});

test("on a server where nothing has happened yet every page says what to do next", async () => {
    const empty = new Server({ agents: 0 });
    await empty.start();
    try {
        const found = [];
        await withPage(browser, empty, WIDE, async (page) => {
            const see = async (name, path, what) => {
                await visit(page, empty, path);
                await page.getByText(what).first().waitFor();
                for (const screen of [WIDE, NARROW]) {
                    await page.setViewportSize(screen);
                    found.push(...(await judgeBoth(page, `${name}-empty`)));
                }
            };
            await see("home", "/", "No run yet");
            await see("runs", "/runs", "No run yet");
            await see("projects", "/projects", "No project yet");
            await see("queue", "/queue", "No job waits for an agent");
            await see("agents", "/agents", "No agent has registered");
            await see("settings", "/settings", "Tokens");
            await see("editor", "/editor", "No problem found");
            await empty.project("demo", WORKFLOWS);
            await see("project", "/projects/demo", "No run of this project yet");
            await see("project-settings", "/projects/demo/settings", "keeps here what is slow to make");
            await see("insights", "/projects/demo/insights", "No run was created in that time");
            const { id, jobs } = await empty.trigger("demo", "moon.yml");
            await see("run", `/runs/${id}`, "no agent is registered");
            await see("job", `/jobs/${jobs[0].id}`, "The job has not begun");
        });
        assert.deepEqual(found, []);
    } finally {
        await empty.close();
    }
});
