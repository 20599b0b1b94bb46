/* The page of an artifact's files in a real browser. A test's name is the sentence it proves. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { look, withPage } from "./look.js";
import { Browser, Server, until } from "./server.js";

const WORKFLOWS = {
    ".github/workflows/ci.yml": `name: CI
on: workflow_dispatch
jobs:
  report:
    runs-on: ubuntu-latest
    steps:
      - run: |
          mkdir -p out/css
          echo 'body { color: rgb(1, 2, 3) }' >out/css/style.css
          cat >out/index.html <<END
          <link rel="stylesheet" href="css/style.css"><p id="said">A report</p>
          <script>
            try { document.title = parent.document.title; } catch { document.title = "no parent"; }
            said.textContent = "Scripts ran, " + document.title + ", " + origin;
          </script>
          END
          echo '<b>not bold</b>' >'out/100% #1?.txt'
          echo '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="teal"/><script>top.document.title = 1</script></svg>' >out/shot.svg
          head -c 100 /dev/zero >out/program
      - uses: actions/upload-artifact@v4
        with: {name: report, path: out}
`,
};

const server = new Server();
const browser = new Browser();
let artifact;

before(async () => {
    await Promise.all([server.start(), browser.start()]);
    await server.project("demo", WORKFLOWS);
    const run = await server.finished((await server.trigger("demo", "ci.yml")).id);
    artifact = (await server.api("GET", `/runs/${run.id}/artifacts`)).items[0];
});
after(async () => {
    await browser.close();
    await server.close();
});

test("a report is shown in a frame that reaches nothing of ours, and runs its scripts only where asked", async () => {
    const context = await browser.context(server);
    try {
        const page = await context.newPage();
        await page.goto(`${server.url}/artifacts/${artifact.id}`);
        const said = () => page.frameLocator("iframe").locator("#said");
        await said().waitFor();
        assert.equal(await said().innerText(), "A report");
        await until("its style is there", async () =>
            /1, 2, 3/.test(await said().evaluate((node) => getComputedStyle(node).color)),
        );
        await page.getByRole("button", { name: "Run its scripts" }).click();
        await until("they ran", async () =>
            /^Scripts ran, no parent, null$/.test(
                await said()
                    .innerText()
                    .catch(() => ""),
            ),
        );
        assert.match(await page.title(), /report/);
    } finally {
        await context.close();
    }
});

test("text is text, an image is an image, and what is neither is a download", async () => {
    await withPage(browser, server, {}, async (page) => {
        await page.goto(`${server.url}/artifacts/${artifact.id}`);
        const files = page.getByRole("navigation", { name: "Files" });
        await files.getByText("100% #1?.txt").click();
        await page.getByRole("region", { name: "Content" }).getByText("<b>not bold</b>").waitFor();
        assert.match(page.url(), /file=100%25/);
        await files.getByText("shot.svg").click();
        const image = page.getByRole("img", { name: "shot.svg" });
        await until("it is loaded", () => image.evaluate((node) => node.naturalWidth === 40));
        await files.getByText("program").click();
        await page.getByText("This kind of file is not shown").waitFor();
        await page.goBack();
        await image.waitFor();
        assert.match(await page.title(), /report/);
    });
});

test("the page of an artifact is accessible and fits its screen", async () => {
    const at = `/artifacts/${artifact.id}?file=`;
    await look(browser, server, { "artifact-text": `${at}css/style.css`, "artifact-image": `${at}shot.svg` });
});
