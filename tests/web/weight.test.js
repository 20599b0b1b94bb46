/* What pages cost a browser, counted so that it says the same on a busy machine: requests, bytes, CPU time of the page's thread, nodes that
 * change. A test's name is the sentence it proves. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { loaded, visit, withPage } from "./look.js";
import { Browser, Server, until } from "./server.js";

const LINES = 200_000;
const WORKFLOWS = {
    ".github/workflows/ci.yml": `name: CI
on: workflow_dispatch
jobs:
  lint: {runs-on: ubuntu-latest, steps: [{run: echo clean}]}
  test:
    needs: lint
    runs-on: ubuntu-latest
    strategy: {fail-fast: false, matrix: {suite: [unit, service]}}
    steps: [{run: 'seq 100; echo "::error file=a.c,line=3::expected 3"; exit 1'}]
`,
    ".github/workflows/long.yml": `name: Long
on: workflow_dispatch
jobs: {many: {runs-on: ubuntu-latest, steps: [{run: 'seq -f "line %.0f of a very long log" 1 ${LINES}'}]}}
`,
};

const server = new Server();
const browser = new Browser();
let failed, long;

before(async () => {
    await Promise.all([server.start(), browser.start()]);
    await server.project("demo", WORKFLOWS);
    [failed, long] = await Promise.all(
        ["ci.yml", "long.yml"].map(async (name) => server.finished((await server.trigger("demo", name)).id)),
    );
});
after(async () => {
    await browser.close();
    await server.close();
});

/** What the page asked for and computed since. Times are CPU times of its own thread, in ms. */
async function scales(page) {
    const cdp = await page.context().newCDPSession(page);
    const asked = [];
    const open = new Set();
    let bytes = 0;
    let from = {};
    await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
    await cdp.send("Network.enable");
    cdp.on("Network.requestWillBeSent", ({ request, requestId }) => {
        asked.push(new URL(request.url).pathname);
        if (request.url.includes("/api/v1/")) open.add(requestId);
    });
    cdp.on("Network.loadingFinished", ({ encodedDataLength, requestId }) => {
        bytes += encodedDataLength;
        open.delete(requestId);
    });
    cdp.on("Network.loadingFailed", ({ requestId }) => open.delete(requestId));
    const read = async () =>
        Object.fromEntries(
            (await cdp.send("Performance.getMetrics")).metrics.map(({ name, value }) => [name, value]),
        );
    return {
        async begin() {
            asked.length = bytes = 0;
            from = await read();
        },
        /** Once this path was asked for so often, and all is answered. */
        async end(path, times) {
            const count = () => asked.filter((one) => one === path).length;
            await until("all is answered", () => open.size === 0 && (!path || count() >= times));
            const to = await read();
            const ms = (name) => Math.round((to[name] - from[name]) * 1000);
            return { asked, bytes, script: ms("ScriptDuration"), task: ms("TaskDuration") };
        },
    };
}

const twice = (list) => list.filter((one, at) => list.indexOf(one) !== at);
const answers = (asked) => asked.filter((path) => path.startsWith("/api/v1/"));

test("a run's page comes with few requests and bytes, asks for nothing but the run twice, and computes little", async () => {
    await withPage(browser, server, {}, async (page) => {
        const scale = await scales(page);
        await scale.begin();
        await page.goto(`${server.url}/runs/${failed.id}`);
        await page.getByText("Open the log here").first().waitFor();
        // Again once the stream of events is there
        const { asked, bytes, script, task } = await scale.end(`/api/v1/runs/${failed.id}`, 2);
        console.log(
            `# run, cold: ${asked.length} requests, ${bytes} bytes, ${script} ms script, ${task} ms in all`,
        );
        // Once more after the stream has begun: it may have changed before. The first answer comes with the scripts.
        assert.deepEqual(new Set(twice(answers(asked))), new Set([`/api/v1/runs/${failed.id}`]));
        assert.ok(asked.length <= 30, asked.join(" "));
        assert.ok(bytes <= 110_000, `${bytes} bytes`);
        assert.ok(script <= 300, `${script} ms`);
    });
});

test("a change of pages asks for what is new on it, and computes little", async () => {
    await withPage(browser, server, {}, async (page) => {
        await page.goto(`${server.url}/runs`);
        await loaded(page);
        await visit(page, server, `/runs/${failed.id}`); // Its scripts are there then
        await page.getByText("Open the log here").first().waitFor();
        await visit(page, server, "/runs");
        await loaded(page);
        const scale = await scales(page);
        await scale.begin();
        await visit(page, server, `/runs/${failed.id}`);
        await page.getByText("Open the log here").first().waitFor();
        const { asked, bytes, script, task } = await scale.end(`/api/v1/runs/${failed.id}/artifacts`, 1);
        console.log(
            `# to a run: ${asked.length} requests, ${bytes} bytes, ${script} ms script, ${task} ms in all`,
        );
        assert.deepEqual(twice(answers(asked)), []);
        assert.deepEqual(
            asked.filter((path) => path.includes("/immutable/")),
            [],
        );
        assert.ok(answers(asked).length <= 10, asked.join(" "));
        assert.ok(script <= 100, `${script} ms`);
    });
});

test("a frame of scrolling through a long log changes no more than the rows that come and go, and computes little", async () => {
    await withPage(browser, server, {}, async (page) => {
        await page.goto(`${server.url}/jobs/${long.jobs[0].id}#L1`);
        await page.getByText("line 1 of a very long log").first().waitFor();
        const scale = await scales(page);
        const log = page.getByRole("log");
        for (const [name, step, most] of [
            ["slowly", 60, 30],
            ["by screens", 600, 130],
            ["far", 60_000, 130],
        ]) {
            await scale.begin();
            const { frames, changed, nodes } = await log.evaluate(async (box, step) => {
                let changed = 0;
                const observer = new MutationObserver((list) => {
                    for (const one of list) changed += one.addedNodes.length + one.removedNodes.length;
                });
                observer.observe(box, { subtree: true, childList: true });
                const frames = 60;
                for (let at = 0; at < frames; at++) {
                    box.scrollTop += step;
                    await new Promise(requestAnimationFrame);
                }
                observer.disconnect();
                return { frames, changed: changed / 60, nodes: box.querySelectorAll("*").length };
            }, step);
            const { task } = await scale.end();
            console.log(
                `# ${name}: ${Math.round(changed)} nodes and ${(task / frames).toFixed(1)} ms a frame, ${nodes} in all`,
            );
            assert.ok(nodes <= 400, `${nodes} nodes`);
            assert.ok(changed <= most, `${name}: ${changed} nodes a frame`);
            assert.ok(task / frames <= 34, `${name}: ${task / frames} ms a frame`); // Twice a frame's time: caches are others' here
        }
    });
});
