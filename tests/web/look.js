/* look.js - what every page is looked at for, light and dark, wide and narrow: that it can be read by everybody, fits its screen and keeps its
 * rules. With SHOTS=FOLDER its screenshots are left there. */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { axeSource } from "./server.js";

export const WIDE = { width: 1280, height: 800 };
export const NARROW = { width: 390, height: 800 };

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

/** To a page as by a link on the one that is open: without loading scripts, and axe, anew. The one that is open is loaded anew. */
export async function visit(page, server, path) {
    if (!page.url().startsWith(server.url)) await page.goto(server.url + path);
    else if (page.url() === server.url + path) await page.reload();
    else {
        await page.evaluate((href) => {
            const link = document.createElement("a");
            link.href = href;
            document.body.append(link);
            link.click();
            link.remove();
        }, path);
        await page.waitForURL(server.url + path);
        // The new page is there a frame after its address
        await drawn(page);
    }
    await page.locator("main h1, main p").first().waitFor();
}

const drawn = (page) =>
    page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

const tooSmall = () =>
    [...document.querySelectorAll("main *")].filter(
        (one) => one.innerText && parseFloat(getComputedStyle(one).fontSize) < 12,
    ).length;

const tooWide = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;

// A scheme changes colours and nothing else, and a width no colour: of the dark ones only colours are looked at, on the wide screen.
const ALL = "axe.run ({ resultTypes: ['violations'], preload: false })"; // No style is of another origin
const COLOURS =
    "axe.run ({ resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block'] })";

async function judge(page, where, rules) {
    const found = [];
    const overflow = await page.evaluate(tooWide);
    if (overflow > 0) found.push(`${where}: ${overflow} pixels too wide`);
    const small = await page.evaluate(tooSmall);
    if (small > 0) found.push(`${where}: ${small} texts under 12 pixels`);
    if (!rules) return found;
    if (!(await page.evaluate("typeof axe === 'object'"))) await page.evaluate(axeSource);
    const { violations } = await page.evaluate(rules);
    for (const one of violations)
        found.push(`${where}: ${one.id}: ${one.nodes[0].html} (${one.nodes.length})`);
    return found;
}

/** The page as it is now, in both schemes; what is wrong with it. `rules` false: what it shows was judged before, and only its frame is new. */
export async function judgeBoth(page, name, { rules = true } = {}) {
    const shots = process.env.SHOTS;
    const { width } = page.viewportSize();
    const found = [];
    if (shots) mkdirSync(shots, { recursive: true });
    for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        if (shots)
            await page.screenshot({
                path: join(shots, `${name}-${colorScheme}-${width}.png`),
                fullPage: true,
            });
        const where = `${name}, ${colorScheme}, ${width}`;
        const dark = width === WIDE.width ? COLOURS : undefined;
        found.push(...(await judge(page, where, rules ? (colorScheme === "light" ? ALL : dark) : undefined)));
    }
    return found;
}

/** `pages`: paths by name. `ready`: brings about what is to be seen, and waits until it is there. */
export async function look(browser, server, pages, ready = async () => {}) {
    const found = [];
    // In one tab: another one begins with a second of compiling the same scripts
    await withPage(browser, server, WIDE, async (page) => {
        for (const screen of [WIDE, NARROW]) {
            await page.setViewportSize(screen);
            for (const [name, path] of Object.entries(pages)) {
                await visit(page, server, path);
                await loaded(page);
                await ready(page, name);
                found.push(...(await judgeBoth(page, name)));
            }
        }
    });
    assert.deepEqual(found, []);
}
