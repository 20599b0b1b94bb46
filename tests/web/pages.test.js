/* The pages in a real browser, over a real server with real runs. A test's name is the sentence it proves. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { loaded, look, visit, withPage as inPage } from "./look.js";
import { Browser, Server, until } from "./server.js";

const LONG = 1_000_000;
const TICKS = 160;
const WORKFLOWS = {
    "README.md": "# demo\n",
    ".github/workflows/ci.yml": `name: CI
on: [push, workflow_dispatch]
jobs:
  lint:
    runs-on: ubuntu-latest
    steps: [{run: echo clean}]
  test:
    needs: lint
    runs-on: ubuntu-latest
    strategy: {fail-fast: false, matrix: {suite: [unit, service]}}
    steps:
      - run: echo prepared
      - name: Run the tests
        run: |
          seq -f "ok %.0f" 1 200
          if [ \${{ matrix.suite }} = service ]; then
            echo "::error file=tests/lease.c,line=42::expected 3, got 2"; exit 7
          fi
  deploy:
    needs: test
    runs-on: ubuntu-latest
    steps: [{run: echo deployed}]
`,
    ".github/workflows/green.yml": `name: Green
on: workflow_dispatch
jobs: {say: {runs-on: ubuntu-latest, steps: [{run: echo hello from a green run}]}}
`,
    ".github/workflows/long.yml": `name: Long
on: workflow_dispatch
jobs: {many: {runs-on: ubuntu-latest, steps: [{run: 'seq -f "line %.0f of a very long log" 1 ${LONG}'}]}}
`,
    ".github/workflows/hostile.yml": `name: Hostile
on: workflow_dispatch
jobs:
  say:
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo '<img src=x onerror="document.title=1"><script>document.title=2</script>'
          printf '\\033]0;title\\007\\033[2J\\033[31mred\\033[0m\\n'
          printf '10 %%\\r100 %%\\n'
          head -c 20000 /dev/zero | tr '\\0' x; echo
`,
    ".github/workflows/slow.yml": `name: Slow
on: workflow_dispatch
jobs: {tick: {runs-on: ubuntu-latest, steps: [{run: 'for i in $(seq 1 ${TICKS}); do echo "tick $i"; sleep 0.05; done'}]}}
`,
};

const server = new Server();
const browser = new Browser();
let failed, long, hostile;

before(async () => {
    await Promise.all([server.start(), browser.start()]);
    await server.api("POST", "/users", { name: "ada", role: "ADMIN" }); // Else a link leads to the first account
    await server.project("demo", WORKFLOWS);
    [failed, long, hostile] = await Promise.all(
        ["ci.yml", "long.yml", "hostile.yml"].map(async (name) =>
            server.finished((await server.trigger("demo", name)).id),
        ),
    );
});
after(async () => {
    await browser.close();
    await server.close();
});

const withPage = (options, task) => inPage(browser, server, options, task);
const jobOf = (run, name) => run.jobs.find((job) => job.name === name).id;

test("a link signs one browser in, and no script can read its session", async () => {
    const link = server.link();
    await withPage({ signedIn: false }, async (page) => {
        await page.goto(link);
        await page.waitForURL(`${server.url}/`);
        await page.getByRole("heading", { name: "Home" }).waitFor();
        assert.equal(await page.evaluate("document.cookie"), "");
    });
    await withPage({ signedIn: false }, async (page) => {
        await page.goto(link);
        await page.getByRole("alert").waitFor();
        assert.match(await page.getByRole("alert").innerText(), /used|unknown/);
    });
});

test("one sees where one is signed in, and signs another browser out", async () => {
    const [cookie] = await server.signIn();
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/settings`);
        const here = page.getByRole("region", { name: "Signed in" });
        await here.getByText("This browser").waitFor();
        const others = here.getByRole("button", { name: "Sign out" });
        const before = await others.count();
        assert.ok(before > 0);
        await others.first().click();
        await page.getByText(/is signed out/).waitFor();
        await until("it is gone", async () => (await others.count()) === before - 1);
        assert.equal(await here.getByText("This browser").count(), 1);
        // All others, that one too
        for (let left = before - 1; left > 0; left--) {
            await others.first().click();
            await until("one less", async () => (await others.count()) < left);
        }
    });
    const headers = { Cookie: `${cookie.name}=${cookie.value}` };
    assert.equal((await fetch(`${server.url}/api/v1/session`, { headers })).status, 401);
});

test("who is not signed in is asked to, and comes back to the page that was wanted", async () => {
    await withPage({ signedIn: false }, async (page) => {
        await page.goto(`${server.url}/projects/demo`);
        await page.waitForURL(/\/sign-in\?to=%2Fprojects%2Fdemo$/);
        await page.getByText("With a token or a link").click();
        await page.getByLabel("Token").fill("oct_wrong");
        await page.getByRole("button", { name: "Sign in with this token" }).click();
        await page.getByRole("alert").waitFor();
        await page.getByLabel("Token").fill(server.token);
        await page.getByRole("button", { name: "Sign in with this token" }).click();
        await page.waitForURL(`${server.url}/projects/demo`);
        await page.getByRole("button", { name: "Sign out" }).click();
        await page.waitForURL(/\/sign-in$/);
        await page.goto(`${server.url}/runs`);
        await page.waitForURL(/\/sign-in\?to=/);
    });
});

test("from an empty server to a green run without leaving the pages", async () => {
    const empty = new Server();
    await empty.start();
    const context = await browser.context(empty);
    try {
        const folder = empty.repository("first", WORKFLOWS);
        const page = await context.newPage();
        await page.goto(empty.url);
        await page.getByRole("link", { name: "Add a project" }).click();
        await page.getByLabel("Repository").fill(folder);
        assert.equal(await page.getByLabel("Name").inputValue(), "first");
        await page.getByLabel("Repository").press("Enter");
        await page.waitForURL(`${empty.url}/projects/first`);
        await page.getByRole("button", { name: "Run its first workflow" }).click();
        await page.getByRole("combobox", { name: /^Workflow/ }).selectOption({ label: "Green (green.yml)" });
        await page.getByRole("button", { name: "Run", exact: true }).click();
        await page.waitForURL(/\/runs\//);
        await page.getByText("Succeeded").first().waitFor(); // By itself: nothing is loaded anew
        await page.getByRole("link", { name: /say/ }).click();
        await page.getByText("hello from a green run").last().waitFor();
        assert.deepEqual(context.problems, []);
    } finally {
        await context.close();
        await empty.close();
    }
});

test("a failed run opens on its cause, and one click leads to the line", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/runs/${failed.id}`);
        const cause = page.getByRole("region", { name: "What failed" });
        await cause.getByText("exit code 7").first().waitFor();
        await cause.getByText("tests/lease.c:42").waitFor();
        await cause.getByText("expected 3, got 2").first().waitFor();
        await cause.getByText("Process completed with exit code 7").waitFor();
        await cause.getByRole("link", { name: "Open the log here" }).click();
        await page.waitForURL(/\/jobs\/.*attempt=1#L\d+$/);
        await page.locator("[data-line]", { hasText: "Process completed with exit code 7" }).waitFor();
        const annotations = page.getByRole("region", { name: "Annotations" });
        await annotations.getByText("tests/lease.c:42").waitFor();
        await annotations.getByText("expected 3, got 2").waitFor();
        assert.match(await page.locator("#favicon").getAttribute("href"), /cf3a2d/); // The tab shows it too
    });
});

test("what fails on a default branch is on the first page, and runs again by one click there", async () => {
    const again = (await server.finished((await server.trigger("demo", "hostile.yml")).id)).id;
    await withPage({}, async (page) => {
        await page.goto(server.url);
        const failing = page.getByRole("region", { name: "Failing now" });
        await failing.getByRole("listitem").filter({ hasText: "CI" }).waitFor();
        assert.equal(await failing.getByRole("listitem").count(), 1); // What passed is not there
        const yours = page.getByRole("region", { name: "Yours" });
        await yours.locator(`a[href="/runs/${again}"]`).waitFor();
        await failing.getByRole("button", { name: /^Rerun CI/ }).click();
        await page.getByText(/^The failed jobs of #\d+ run again/).waitFor();
        await until("a second attempt has ended", async () => {
            const now = await server.api("GET", `/runs/${failed.id}`);
            return now.attempt === 2 && now.state === "finished";
        });
        await failing.getByRole("listitem").filter({ hasText: "CI" }).waitFor(); // It has failed again
    });
});

test("the link that the server prints leads to the failing line in two clicks", async () => {
    await withPage({ signedIn: false }, async (page) => {
        await page.goto(server.link());
        await page.getByText("Failing now").waitFor();
        await page.locator("section", { hasText: "Failing now" }).getByRole("link", { name: "CI" }).click();
        await page.getByRole("link", { name: "Open the log here" }).click();
        await page.locator("[data-line]", { hasText: "expected 3, got 2" }).first().waitFor();
    });
});

test("every page can be walked by Tab, and shows where the focus is", async () => {
    const begin = () => {
        const visible = (one) =>
            one.checkVisibility({ opacityProperty: false }) && one.getBoundingClientRect().width > 0;
        window.wanted = [
            ...document.querySelectorAll("a[href], button, input, select, textarea, summary"),
        ].filter((one) => one.tabIndex >= 0 && !one.disabled && visible(one));
        window.walked = new Set();
        window.unseen = [];
        if (window.heard) return window.wanted.length;
        window.heard = true;
        addEventListener("focusin", ({ target }) => {
            const look = getComputedStyle(target);
            window.walked.add(target);
            if (look.outlineStyle === "none" || parseFloat(look.outlineWidth) === 0)
                window.unseen.push(target.outerHTML.slice(0, 120));
        });
        return window.wanted.length;
    };
    const end = () => ({
        unseen: window.unseen,
        missed: window.wanted
            .filter((one) => !window.walked.has(one))
            .map((one) => one.outerHTML.slice(0, 120)),
    });
    await withPage({}, async (page) => {
        for (const path of [
            "/",
            "/runs",
            "/projects",
            "/projects/demo",
            `/runs/${failed.id}`,
            `/jobs/${jobOf(failed, "test (service)")}`,
            "/queue",
            "/agents",
            "/settings",
        ]) {
            await visit(page, server, path);
            await loaded(page);
            // All at once: the browser takes them one after the other
            await Promise.all(
                Array.from({ length: 10 + (await page.evaluate(begin)) }, () => page.keyboard.press("Tab")),
            );
            assert.deepEqual(await page.evaluate(end), { unseen: [], missed: [] }, path);
        }
    });
});

test("the first answers of a page are asked for together with its scripts, and none in vain", async () => {
    await withPage({}, async (page) => {
        for (const path of [
            "/",
            "/runs",
            "/projects/demo",
            `/runs/${failed.id}`,
            `/jobs/${jobOf(failed, "lint")}`,
        ]) {
            await page.goto(server.url + path);
            await page.locator("main h1").waitFor();
            await loaded(page);
            assert.deepEqual(await page.evaluate("[...early.keys()]"), [], path);
        }
    });
});

test("a change reaches every open tab by itself", async () => {
    await withPage({}, async (page, context) => {
        const other = await context.newPage();
        await Promise.all([page.goto(`${server.url}/runs`), other.goto(`${server.url}/runs`)]);
        for (const tab of [page, other]) await tab.locator("main li").first().waitFor();
        const count = await page.locator("main li").count();
        const run = await server.trigger("demo", "green.yml");
        for (const tab of [page, other])
            await until(
                "the new run is there",
                async () => (await tab.locator("main li").count()) === count + 1,
            );
        await server.finished(run.id);
        for (const tab of [page, other])
            await until("its end is there", async () =>
                /Succeeded/.test(await tab.locator("main li").first().innerText()),
            );
    });
});

test("of a log of a million lines a few hundred rows are in the document, and every line can be reached", async () => {
    await withPage({}, async (page) => {
        const job = jobOf(long, "many");
        await page.goto(`${server.url}/jobs/${job}`);
        await page.getByText("line 1 of a very long log").first().waitFor();
        const rows = () => page.locator("[data-line]").count();
        assert.ok((await rows()) <= 400);
        const log = page.getByRole("log");
        await log.evaluate((box) => (box.scrollTop = box.scrollHeight));
        await page.getByText(`line ${LONG} of a very long log`).waitFor();
        assert.ok((await rows()) <= 400);
        await page.goto(`${server.url}/jobs/${job}#L500000-L500002`);
        await page.locator('[data-line="500000"]').getByText("of a very long log").waitFor();
        const [box, line] = [
            await log.boundingBox(),
            await page.locator('[data-line="500000"]').boundingBox(),
        ];
        assert.ok(Math.abs(line.y - (box.y + box.height / 2)) < box.height / 3, "it is in the middle");
        assert.equal(await page.locator("[data-line].\\!bg-mark").count(), 3);
    });
});

test("a search counts in the whole log, goes from match to match, and is in the address", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/jobs/${jobOf(long, "many")}`);
        await page.getByText("line 1 of a very long log").first().waitFor();
        await page.keyboard.press("/");
        await page.keyboard.type("line 77777");
        await page.keyboard.press("Enter");
        await page.getByText("1 of 11").waitFor(); // 77777 and 777770 to 777779
        await page.keyboard.press("Escape");
        await page.keyboard.press("n");
        await page.getByText("2 of 11").waitFor();
        await page.locator("mark").first().waitFor();
        assert.match(page.url(), /[?&]q=line(\+|%20)77777/);
        await page.reload();
        await page.getByText("1 of 11").waitFor();
    });
});

test("what a log holds is text, whatever it looks like", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/jobs/${jobOf(hostile, "say")}`);
        await page.getByText("<img src=x", { exact: false }).last().waitFor();
        assert.match(await page.title(), /open-cicd/);
        assert.equal(await page.locator("[data-line] img, [data-line] script").count(), 0);
        const red = page.locator("[data-line] span[style]", { hasText: "red" }).last();
        assert.match(await red.getAttribute("style"), /color/);
        assert.equal(await page.locator("[data-line]", { hasText: /^\d+100 %$/ }).count(), 1);
    });
});

test("who joins a running job sees it from its first line, without a gap, and is left where one scrolls to", async () => {
    const run = await server.trigger("demo", "slow.yml");
    await withPage({}, async (page) => {
        const job = await until("it runs", async () =>
            (await server.api("GET", `/runs/${run.id}`)).jobs.find((one) => one.state === "running"),
        );
        await until("it has printed", async () => {
            try {
                return (await server.api("GET", `/jobs/${job.id}/log/info`)).lines > 30;
            } catch {
                return false;
            }
        });
        await page.goto(`${server.url}/jobs/${job.id}`);
        const log = page.getByRole("log");
        const ticks = () =>
            log.evaluate((box) =>
                [...box.innerText.matchAll(/tick (\d+)/g)].map((match) => Number(match[1])),
            );
        await until("it follows", async () => Math.max(...(await ticks())) > 60);
        await log.evaluate((box) => (box.scrollTop = 0));
        await page.getByText(/^tick 1$/).waitFor();
        assert.equal(await page.getByRole("button", { name: "Follow", exact: true }).count(), 1);
        const before = await log.evaluate((box) => box.scrollTop);
        const height = await log.evaluate((box) => box.scrollHeight);
        await until("it grows", async () => (await log.evaluate((box) => box.scrollHeight)) > height + 200);
        assert.equal(await log.evaluate((box) => box.scrollTop), before);
        await server.finished(run.id);
        // The end comes over the page's own stream
        await page.getByRole("button", { name: "Follow", exact: true }).waitFor({ state: "detached" });
        const seen = new Set();
        for (let top = 0; ; top += 400) {
            await log.evaluate((box, at) => (box.scrollTop = at), top);
            // Rows follow in the next frame: those of before may still be all that are there
            await page.evaluate(
                () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
            );
            await until(
                "its rows are there",
                async () => (await page.locator("[data-line] .animate-pulse").count()) === 0,
            );
            for (const tick of await ticks()) seen.add(tick);
            if (await log.evaluate((box) => box.scrollTop + box.clientHeight >= box.scrollHeight - 2)) break;
        }
        assert.deepEqual(
            [...seen].sort((a, b) => a - b),
            Array.from({ length: TICKS }, (_, at) => at + 1),
        );
    });
});

test("after a restart of the server the page is right again by itself", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/runs`);
        await page.locator("main li").first().waitFor();
        const address = new URL(server.url).host;
        const count = await page.locator("main li").count();
        await server.stop();
        await page.getByText("Reconnecting").waitFor();
        await server.start(address);
        await server.trigger("demo", "green.yml");
        await until(
            "the new run is there",
            async () => (await page.locator("main li").count()) === count + 1,
        );
        await page.getByText("Reconnecting").waitFor({ state: "detached" });
    });
});

test("after a sleep the page reads anew by itself, within five seconds", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/runs`);
        await page.locator("main li").first().waitFor();
        let asked = 0;
        page.on("request", (request) => (asked += Number(request.url().includes("/api/v1/runs?"))));
        await page.evaluate(() => {
            const now = Date.now;
            Date.now = () => now() + 60_000;
        });
        await until("it has asked again", () => asked > 0, 5000);
    });
});

test("the palette and the keys reach everything", async () => {
    await withPage({}, async (page) => {
        await page.goto(server.url);
        await page.getByRole("heading", { name: "Home" }).waitFor();
        await page.keyboard.press("g");
        await page.keyboard.press("a");
        await page.waitForURL(`${server.url}/agents`);
        await page.keyboard.press("Control+k");
        await page.getByRole("combobox").fill("demo");
        await page.getByRole("option").first().waitFor();
        await page.keyboard.press("Enter");
        await page.waitForURL(/\/(projects\/demo|runs\/)/);
        await page.keyboard.press("?");
        await page.getByRole("dialog", { name: "Keys" }).waitFor();
        await page.keyboard.press("Escape");
    });
});

test("every page is accessible, fits its screen and keeps its rules, light and dark, wide and narrow", async () => {
    const pages = {
        home: "/",
        runs: "/runs",
        nothing: "/runs?project=none",
        projects: "/projects",
        project: "/projects/demo",
        failed: `/runs/${failed.id}`,
        timeline: `/runs/${failed.id}?view=timeline`,
        list: `/runs/${failed.id}?view=list`,
        job: `/jobs/${jobOf(failed, "test (service)")}`,
        agents: "/agents",
        settings: "/settings",
        missing: "/runs/r00000000000000000000",
        nowhere: "/no/such/page/at/all",
    };
    await look(browser, server, pages, (page) =>
        page.getByText("Reading its log").first().waitFor({ state: "detached" }),
    );
});
