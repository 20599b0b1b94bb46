/* The log of a job in a real browser. A test's name is the sentence it proves. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { look, withPage as inPage } from "./look.js";
import { Browser, Server, until } from "./server.js";

const WORKFLOWS = {
    ".github/workflows/groups.yml": `name: Groups
on: workflow_dispatch
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - name: Build
        run: |
          echo "::group::Install packages"; seq -f "package %.0f" 1 300; echo "::endgroup::"
          seq -f "compile %.0f" 1 400
          printf '\\033[31mred un\\033[32mit te\\033[0mst \\033[38;5;208morange\\033[0m \\033[48;2;10;20;30mtrue\\033[0m\\n'
          echo "::error::first of two"
          seq -f "link %.0f" 1 400
          echo "::error::second of two"
          exit 3
`,
    ".github/workflows/wide.yml": `name: Wide
on: workflow_dispatch
jobs:
  wide:
    runs-on: ubuntu-latest
    steps:
      - run: |
          line=$(head -c 20000 /dev/zero | tr '\\0' x)
          for i in $(seq 1 300); do echo "wide $i $line"; done
          echo the end
`,
};

const server = new Server();
const browser = new Browser();
let groups, wide;

before(async () => {
    await Promise.all([server.start(), browser.start()]);
    await server.project("logs", WORKFLOWS);
    [groups, wide] = await Promise.all(
        ["groups.yml", "wide.yml"].map(async (name) => {
            const run = await server.finished((await server.trigger("logs", name)).id);
            return run.jobs[0].id;
        }),
    );
});
after(async () => {
    await browser.close();
    await server.close();
});

const withPage = (options, task) => inPage(browser, server, options, task);
const copied = (page) => page.evaluate("navigator.clipboard.readText()");
const TITLE = /^Install packages/;
const lineOf = (row) => row.evaluate((element) => Number(element.closest("[data-line]").dataset.line));

test("groups are folded, open at a click, and are copied whole", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/jobs/${groups}#L1`);
        const title = page.getByRole("button", { name: TITLE });
        await title.waitFor();
        await until("it is folded", async () => (await title.getAttribute("aria-expanded")) === "false");
        await page.getByText("301 lines").waitFor();
        await page.getByText("compile 1", { exact: true }).waitFor();
        const first = await lineOf(page.getByRole("button", { name: TITLE }));
        assert.equal(await page.locator(`[data-line="${first + 1}"]`).count(), 0);
        await page.locator(`[data-line="${first}"] a`).click();
        await page
            .locator("[data-line]", { hasText: /compile 1$/ })
            .locator("a")
            .click({ modifiers: ["Shift"] });
        await page.keyboard.press("c");
        await page.getByText("303 lines are copied").waitFor();
        const text = (await copied(page)).split("\n");
        assert.deepEqual(
            [text.length, text[0], text[1], text[300], text[302]],
            [303, "Install packages", "package 1", "package 300", "compile 1"],
        );
        // What is selected by hand, too
        await page.evaluate(() => {
            const rows = (text) =>
                [...document.querySelectorAll("[data-line]")].findLast((row) => text.test(row.innerText));
            getSelection().setBaseAndExtent(rows(/Install packages/), 0, rows(/compile 2$/), 1);
        });
        await page.evaluate("navigator.clipboard.writeText('')");
        await page.keyboard.press("Control+c");
        await until("it is copied", async () => (await copied(page)).split("\n").length === 304);
        await title.click();
        await page.getByText("package 1", { exact: true }).waitFor();
        await page.keyboard.press("z"); // All open
        await page.getByRole("button", { name: "Fold", exact: true }).waitFor();
        await page.keyboard.press("z"); // All folded
        await page.getByText("package 1", { exact: true }).waitFor({ state: "detached" });
    });
});

test("a link to a line, and a search, open the group that holds it", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/jobs/${groups}#L1`);
        await page.getByRole("button", { name: TITLE }).waitFor();
        const first = await lineOf(page.getByRole("button", { name: TITLE }));
        await page.goto(`${server.url}/jobs/${groups}?attempt=1#L${first + 100}-L${first + 101}`);
        await page.getByText("package 100", { exact: true }).waitFor();
        assert.equal(await page.locator("[data-line].\\!bg-mark").count(), 2);
        await page.goto(`${server.url}/jobs/${groups}?q=package+250`);
        await page.getByText("1 of 1", { exact: true }).waitFor();
        await page.getByText("package 250", { exact: true }).waitFor();
    });
});

/** What the route of `first` answers comes before what that of `second` does. */
async function inOrder(page, first, second) {
    let answered;
    const before = new Promise((done) => (answered = done));
    await page.route(first, async (route) => {
        await route.fulfill({ response: await route.fetch() });
        answered();
    });
    await page.route(second, async (route) => {
        await before;
        await route.continue();
    });
}

test("what the address searches for is shown, whether the log or the search is answered first, unless the address names lines", async () => {
    const [info, search] = ["**/log/info*", /log\/search\?.*package/];
    for (const [first, second] of [
        [info, search],
        [search, info],
    ])
        await withPage({}, async (page) => {
            await inOrder(page, first, second);
            await page.goto(`${server.url}/jobs/${groups}?q=package+250`);
            await page.getByText("1 of 1", { exact: true }).waitFor();
            await page.getByText("package 250", { exact: true }).waitFor();
            await page.goto(`${server.url}/jobs/${groups}?q=package+250&again#L500`);
            await page.getByText("1 of 1", { exact: true }).waitFor();
            await page.locator('[data-line="500"].\\!bg-mark').waitFor();
            assert.equal(await page.getByText("package 250", { exact: true }).count(), 0);
        });
});

test("e goes to the first error, then to the next, and the line is in the address", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/jobs/${groups}#L1`);
        await page.getByText("compile 1", { exact: true }).waitFor();
        await page.keyboard.press("e");
        await page.locator("[data-line].\\!bg-mark", { hasText: "first of two" }).waitFor();
        assert.match(page.url(), /#L\d+$/);
        await page.keyboard.press("e");
        await page.locator("[data-line].\\!bg-mark", { hasText: "second of two" }).waitFor();
    });
});

test("times are shown where they are wanted, stay so, and are not copied", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/jobs/${groups}#L1`);
        await page.getByText("compile 1", { exact: true }).waitFor();
        assert.equal(await page.locator("[data-line] time").count(), 0);
        await page.keyboard.press("t");
        const time = page.locator('[data-line="1"] time');
        await until("it is there", async () => /^\d\d:\d\d:\d\d$/.test(await time.innerText()));
        assert.ok(Math.abs(Date.parse(await time.getAttribute("title")) - Date.now()) < 600_000);
        await page.reload();
        await page.locator('[data-line="1"] time').waitFor();
        await page.locator('[data-line="1"] a').click();
        await page.keyboard.press("c");
        await page.getByText("The line is copied").waitFor();
        assert.doesNotMatch(await copied(page), /\d\d:\d\d:\d\d/);
    });
});

test("a search is marked across colours, and colours of every kind are shown", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/jobs/${groups}?q=unit+test`);
        await page.getByText("1 of 1", { exact: true }).waitFor();
        const line = page.locator("[data-line]", { hasText: "red unit test" });
        assert.deepEqual(await line.locator("mark").allInnerTexts(), ["un", "it te", "st"]);
        const colour = (text, what) =>
            line
                .locator("span[style]", { hasText: text })
                .last()
                .evaluate((span, name) => getComputedStyle(span)[name], what);
        assert.equal(await colour("orange", "color"), "rgb(255, 135, 0)");
        assert.equal(await colour("true", "backgroundColor"), "rgb(10, 20, 30)");
    });
});

test("lines of 20 kB are all there, to the last", async () => {
    await withPage({}, async (page) => {
        await page.goto(`${server.url}/jobs/${wide}#L1`);
        await page.getByText(/^wide 1 x+$/).waitFor();
        const log = page.getByRole("log");
        await log.evaluate((box) => (box.scrollTop = box.scrollHeight));
        await page.getByText("the end", { exact: true }).last().waitFor();
        const last = page.getByText(/^wide 300 x+$/);
        await last.waitFor();
        assert.equal((await last.innerText()).length, "wide 300 ".length + 20_000);
    });
});

test("the log with its tools is accessible and fits its screen, light and dark, wide and narrow", async () => {
    await look(browser, server, { log: `/jobs/${groups}?q=compile+1#L1` }, async (page) => {
        await page.getByText(/1 of \d+/).waitFor();
        const times = page.locator("[data-line] time[title]");
        if ((await times.count()) === 0) await page.keyboard.press("t"); // They stay shown
        await times.first().waitFor();
    });
});
