/* look.js - what every page is looked at for, light and dark, wide and narrow: that it can be read by everybody, fits its screen and keeps its
 * rules. With SHOTS=FOLDER its screenshots are left there. */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { axeSource } from "./server.js";

const SCREENS = [
    ["light", 1280],
    ["dark", 390],
    ["dark", 1280],
    ["light", 390],
];

/** A page that is signed in, for one task; what should never happen on it fails the test. */
export async function withPage(browser, server, options, task) {
    const context = await browser.context(server, options);
    try {
        const page = await context.newPage();
        await task(page, context);
        assert.deepEqual(context.problems, []);
    } finally {
        await context.close();
    }
}

/** Waits until no part of the page is loading. */
export const loaded = (page) =>
    page.waitForFunction(() => !document.querySelector("[role=status][aria-label=Loading]"));

const tooSmall = () =>
    [...document.querySelectorAll("main *")].filter(
        (one) => one.innerText && parseFloat(getComputedStyle(one).fontSize) < 12,
    ).length;

/** `pages`: paths by name. `ready`: brings about what is to be seen, and waits until it is there. */
export async function look(browser, server, pages, ready = async () => {}) {
    const shots = process.env.SHOTS;
    if (shots) mkdirSync(shots, { recursive: true });
    const found = [];
    for (const [scheme, width] of SCREENS)
        await withPage(browser, server, { scheme, width }, async (page) => {
            await page.addInitScript(axeSource);
            for (const [name, path] of Object.entries(pages)) {
                await page.goto(server.url + path);
                await page.locator("main h1, main p").first().waitFor();
                await loaded(page);
                await ready(page, name);
                if (shots)
                    await page.screenshot({
                        path: join(shots, `${name}-${scheme}-${width}.png`),
                        fullPage: true,
                    });
                const overflow = await page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
                );
                if (overflow > 0) found.push(`${name}, ${scheme}, ${width}: ${overflow} pixels too wide`);
                const small = await page.evaluate(tooSmall);
                if (small > 0) found.push(`${name}, ${scheme}, ${width}: ${small} texts under 12 pixels`);
                const { violations } = await page.evaluate("axe.run()");
                for (const one of violations)
                    found.push(
                        `${name}, ${scheme}, ${width}: ${one.id}: ${one.nodes[0].html} (${one.nodes.length})`,
                    );
            }
        });
    assert.deepEqual(found, []);
}
