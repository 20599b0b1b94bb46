/* The editor of workflow files in a real browser. A test's name is the sentence it proves. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { look, withPage as inPage } from "./look.js";
import { Browser, Server, until } from "./server.js";

const FILE = `name: Build
on: [push, workflow_dispatch]
jobs:
  compile:
    runs-on: ubuntu-latest
    steps: [{run: make}]
  check:
    needs: compile
    runs-on: ubuntu-latest
    strategy: {matrix: {suite: [unit, service]}}
    steps: [{run: 'make \${{ matrix.suit }}'}]
`;
const server = new Server();
const browser = new Browser();

before(async () => {
    await Promise.all([server.start(), browser.start()]);
    await server.project("site", { ".github/workflows/build.yml": FILE });
});
after(async () => {
    await browser.close();
    await server.close();
});

const withPage = (options, task) => inPage(browser, server, options, task);
const OPEN = "/editor?project=site&path=build.yml";

test("a file of the repository opens with its jobs and what is wrong with it, by the server's own checker", async () => {
    await withPage({}, async (page) => {
        await page.goto(server.url + OPEN);
        await page.getByText("matrix.suit", { exact: false }).first().waitFor();
        await page.getByText("0 errors, 1 warning").waitFor();
        await page.getByRole("button", { name: /check.*matrix.*after compile/s }).waitFor();
        await page.getByRole("textbox", { name: "Workflow file" }).waitFor();
        await page.locator(".cm-lintRange-warning").first().waitFor();
    });
});

test("errors follow what one types, keys and values are offered, and the text is copied", async () => {
    await withPage({}, async (page) => {
        await page.goto(server.url + OPEN);
        const box = page.getByRole("textbox", { name: "Workflow file" });
        await box.click();
        await page.keyboard.press("Control+End");
        await page.keyboard.insertText("  third:\n    ");
        await page.keyboard.type("ru");
        await page.getByRole("option", { name: /runs-on/ }).click();
        await page.keyboard.type("ubuntu-latest");
        await page.keyboard.insertText("\n    stpes: []");
        await page.getByText(/[12] errors?,/).waitFor();
        await page.getByText("stpes", { exact: false }).last().waitFor();
        await page.getByRole("button", { name: "Copy" }).click();
        await until("it is copied", async () =>
            (await page.evaluate("navigator.clipboard.readText()")).includes(
                "    runs-on: ubuntu-latest\n    stpes: []",
            ),
        );
        const loaded = page.waitForEvent("download");
        await page.getByRole("button", { name: "Download" }).click();
        assert.equal((await loaded).suggestedFilename(), "build.yml");
    });
});

test("inside of an expression is offered what that place may name, and what the file names itself", async () => {
    await withPage({}, async (page) => {
        await page.goto(server.url + OPEN);
        const box = page.getByRole("textbox", { name: "Workflow file" });
        await box.click();
        await page.keyboard.press("Control+End");
        await page.keyboard.insertText(
            "  third:\n    needs: [compile, check]\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ ",
        );
        await page.keyboard.type("gith");
        await page.getByRole("option", { name: "github", exact: true }).click();
        await page.keyboard.type(".ref_n");
        await page.getByRole("option", { name: "ref_name", exact: true }).click();
        await page.keyboard.type(" }} ${{ needs.");
        await page.getByRole("option", { name: "check", exact: true }).waitFor();
        await page.getByRole("option", { name: "compile", exact: true }).click();
        await page.keyboard.type(".");
        await page.getByRole("option", { name: "result", exact: true }).click();
        await page.keyboard.insertText(" }}\n      - uses: actions/checkout@v4\n        with:\n          ");
        await page.keyboard.type("fet");
        await page.getByRole("option", { name: /^fetch-depth/ }).waitFor();
    });
});

test("the editor is accessible and fits its screen, light and dark, wide and narrow", async () => {
    await look(browser, server, { editor: OPEN }, (page) =>
        page.locator(".cm-lintRange-warning").first().waitFor(),
    );
});
