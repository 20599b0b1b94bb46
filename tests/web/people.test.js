/* People sign in by name and password, look after their account, and invite others, in a real browser. A test's name is the sentence it proves. */

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { judgeBoth, loaded, look, NARROW, WIDE, withPage } from "./look.js";
import { Browser, Server, until } from "./server.js";

const PASSWORD = "seventeen green kettles";
const OTHER = "nobody boils the harbour";
const OUT = { signedIn: false };

const server = new Server({ agents: 0 });
const browser = new Browser();

before(async () => {
    await Promise.all([server.start(), browser.start()]);
});
after(async () => {
    await browser.close();
    await server.close();
});

/** What an authenticator of this key (base32) shows at that time, in steps of 30 seconds. */
function codeOf(secret, step) {
    const bits = [...secret].map((sign) =>
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(sign).toString(2).padStart(5, "0"),
    );
    const key = Buffer.from(
        bits
            .join("")
            .match(/.{8}/g)
            .map((byte) => parseInt(byte, 2)),
    );
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const sum = createHmac("sha1", key).update(counter).digest();
    const at = sum[19] & 15;
    return String((sum.readUInt32BE(at) & 0x7fffffff) % 1e6).padStart(6, "0");
}
const stepNow = () => Math.floor(Date.now() / 30_000);

async function signIn(page, name, password) {
    await page.goto(`${server.url}/sign-in`);
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

async function cookiesOf(name, password = PASSWORD) {
    const answer = await fetch(`${server.url}/api/v1/session`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Origin: server.url },
        body: JSON.stringify({ name, password }),
    });
    assert.equal(answer.status, 201, await answer.clone().text());
    const [, cookie, value] = /^([^=]+)=([^;]*)/.exec(answer.headers.getSetCookie()[0]);
    return [{ name: cookie, value, url: server.url, httpOnly: true, sameSite: "Lax" }];
}

test("the first link leads to the first account, which is an administrator's", async () => {
    await withPage(browser, server, OUT, async (page) => {
        await page.goto(server.link());
        await page.waitForURL(`${server.url}/welcome`);
        await page.getByRole("heading", { name: "Make your account" }).waitFor();
        const found = [];
        for (const screen of [WIDE, NARROW]) {
            await page.setViewportSize(screen);
            found.push(...(await judgeBoth(page, "first")));
        }
        assert.deepEqual(found, []);
        await page.setViewportSize(WIDE);
        await page.getByLabel("Name", { exact: true }).fill("ada");
        await page.getByLabel("Password").fill("password123");
        await page.getByRole("button", { name: "Make the account" }).click();
        await page.getByText("password: is one of those that are guessed first").waitFor();
        await page.getByLabel("Password").fill(PASSWORD);
        await page.keyboard.press("Enter");
        await page.waitForURL(`${server.url}/`);
        await page.getByRole("link", { name: "ada" }).waitFor();
    });
    const [user] = (await server.api("GET", "/users")).items;
    assert.equal(user.name, "ada");
    assert.equal(user.role, "ADMIN");
});

test("a wrong password is refused and the right one comes back to the page that was wanted", async () => {
    await withPage(browser, server, OUT, async (page) => {
        await signIn(page, "ada", OTHER);
        await page.getByText("the name or the password is wrong").waitFor();
        await page.goto(`${server.url}/agents`);
        await page.waitForURL(/\/sign-in\?to=%2Fagents$/);
        await page.getByLabel("Name", { exact: true }).fill("Ada");
        await page.getByLabel("Password").fill(PASSWORD);
        await page.keyboard.press("Enter");
        await page.waitForURL(`${server.url}/agents`);
    });
});

test("whom an administrator invites makes an account, and is changed, reset and removed on the page of users", async () => {
    const cookies = await cookiesOf("ada");
    await withPage(browser, server, { cookies }, async (page) => {
        await page.goto(`${server.url}/settings`);
        await page.getByRole("link", { name: "users" }).click();
        await page.waitForURL(`${server.url}/users`);
        const invite = page.getByRole("region", { name: "Invite somebody" });
        await invite.getByLabel("Role").selectOption("VIEWER");
        await invite.getByRole("button", { name: "Make a link" }).click();
        const link = (await invite.getByText("/welcome#oci_").innerText()).trim();
        await page.getByRole("region", { name: "Open links" }).getByText("a new viewer").waitFor();
        await withPage(browser, server, OUT, async (other) => {
            await other.goto(link);
            await other.getByText("ada invites you, as viewer.").waitFor();
            await other.getByLabel("Name", { exact: true }).fill("bob");
            await other.getByLabel("Password").fill(PASSWORD);
            await other.getByRole("button", { name: "Make the account" }).click();
            await other.waitForURL(`${server.url}/`);
            await other.goto(`${server.url}/users`);
            await other.getByText("Only an administrator sees the users").waitFor();
            await other.goto(`${server.url}/sign-in`);
            await other.waitForURL(`${server.url}/`); // They are signed in
        });
        await withPage(browser, server, OUT, async (late) => {
            await late.goto(link);
            await late.getByText("this link is unknown, used or expired").waitFor();
        });
        await page.reload();
        const people = page.getByRole("region", { name: "People" });
        const change = async (choice) => {
            await people.getByRole("button", { name: "Change bob" }).click();
            await page.getByRole("menuitem", { name: choice }).click();
        };
        await change("Make developer");
        await page.getByText("bob is developer now.").waitFor();
        await change("Disable");
        await page.getByText("bob is disabled.").waitFor();
        await change("Enable");
        await page.getByText("bob is enabled.").waitFor();
        await change("Link to a new password");
        const reset = (await people.getByText("/welcome#oci_").innerText()).trim();
        await withPage(browser, server, OUT, async (other) => {
            await other.goto(reset);
            await other.getByRole("heading", { name: "Choose a new password" }).waitFor();
            await other.getByLabel("Password").fill(OTHER);
            await other.getByRole("button", { name: "Use this password" }).click();
            await other.waitForURL(`${server.url}/`);
        });
        page.once("dialog", (dialog) => dialog.accept());
        await change("Remove");
        await page.getByText("bob is removed.").waitFor();
    });
    assert.deepEqual(
        (await server.api("GET", "/users")).items.map((user) => user.name),
        ["ada"],
    );
});

test("a service account is made, and given a token that is shown once", async () => {
    const cookies = await cookiesOf("ada");
    await withPage(browser, server, { cookies }, async (page) => {
        await page.goto(`${server.url}/users`);
        const programs = page.getByRole("region", { name: "Service accounts" });
        await programs.getByLabel("Name of the program").fill("release-bot");
        await programs.getByRole("button", { name: "Add" }).click();
        await programs.getByRole("button", { name: "Change release-bot" }).click();
        page.once("dialog", (dialog) => dialog.accept("nightly"));
        await page.getByRole("menuitem", { name: "Issue a token" }).click();
        const token = (await programs.getByText(/^oct_/).innerText()).trim();
        const headers = { Authorization: `Bearer ${token}` };
        const session = await (await fetch(`${server.url}/api/v1/session`, { headers })).json();
        assert.equal(session.subject, "release-bot");
        assert.equal(session.role, "DEVELOPER");
    });
});

test("an authenticator is added by its QR code, asked for at the next sign-in, and removed", async () => {
    await server.api("POST", "/users", { name: "eve", role: "DEVELOPER", password: PASSWORD });
    const cookies = await cookiesOf("eve");
    let secret, step, codes;
    await withPage(browser, server, { cookies }, async (page) => {
        await page.goto(`${server.url}/account`);
        const section = page.getByRole("region", { name: "Authenticator" });
        await section.getByLabel("Your password").fill(PASSWORD);
        await section.getByRole("button", { name: "Add an authenticator" }).click();
        await section.getByRole("img", { name: "QR code of the key" }).waitFor();
        secret = (await section.locator("code").innerText()).trim();
        const found = [];
        for (const screen of [WIDE, NARROW]) {
            await page.setViewportSize(screen);
            found.push(...(await judgeBoth(page, "authenticator")));
        }
        assert.deepEqual(found, []);
        step = stepNow();
        await section.getByLabel("Code", { exact: true }).fill(codeOf(secret, step));
        await section.getByRole("button", { name: "Use this authenticator" }).click();
        await section.getByText("Recovery codes:").waitFor();
        codes = (await section.locator("code").innerText()).trim().split("\n");
        assert.equal(codes.length, 10);
    });
    await withPage(browser, server, OUT, async (page) => {
        await signIn(page, "eve", PASSWORD);
        await page.getByLabel("Code", { exact: true }).waitFor();
        assert.equal(
            await page.evaluate(() => document.activeElement?.getAttribute("autocomplete")),
            "one-time-code",
        );
        await page.keyboard.type(codeOf(secret, step)); // It was used to confirm
        await page.keyboard.press("Enter");
        await page.getByText("the code is wrong, or was used before").waitFor();
        await page.getByLabel("Code", { exact: true }).fill(codes[4]);
        await page.getByRole("button", { name: "Sign in", exact: true }).click();
        await page.waitForURL(`${server.url}/`);
        await page.goto(`${server.url}/account`);
        const section = page.getByRole("region", { name: "Authenticator" });
        await section.getByLabel("Your password").fill(PASSWORD);
        await section.getByRole("button", { name: "Remove the authenticator" }).click();
        await page.getByText("You sign in without a code again.").waitFor();
    });
    await cookiesOf("eve");
});

test("on the account's page the password is changed, the profile saved, a token issued and revoked", async () => {
    await server.api("POST", "/users", { name: "dan", role: "DEVELOPER", password: PASSWORD });
    const [here, other] = [await cookiesOf("dan"), await cookiesOf("dan")];
    const session = (cookies) =>
        fetch(`${server.url}/api/v1/session`, {
            headers: { Cookie: `${cookies[0].name}=${cookies[0].value}` },
        });
    await withPage(browser, server, { cookies: here }, async (page) => {
        await page.goto(server.url);
        await page.getByRole("link", { name: "dan" }).click();
        await page.waitForURL(`${server.url}/account`);
        const password = page.getByRole("region", { name: "Password" });
        await password.getByLabel("Current password").fill(OTHER);
        await password.getByLabel("New password").fill(OTHER);
        await password.getByRole("button", { name: "Change the password" }).click();
        await page.getByText("password: is wrong").waitFor();
        await password.getByLabel("Current password").fill(PASSWORD);
        await password.getByRole("button", { name: "Change the password" }).click();
        await page.getByText("The password is changed; all other browsers are signed out.").waitFor();
        const profile = page.getByRole("region", { name: "Profile" });
        await profile.getByLabel("Display name").fill("Dan D.");
        await profile.getByLabel("E-mail").fill("dan@example.org");
        await profile.getByLabel("Your password").fill(OTHER);
        await profile.getByRole("button", { name: "Save" }).click();
        await page.getByText("Saved.").waitFor();
        const tokens = page.getByRole("region", { name: "Your tokens" });
        await tokens.getByLabel("What it is for").fill("git hook");
        await tokens.getByLabel("Role at most").selectOption("VIEWER");
        await tokens.getByRole("button", { name: "Issue" }).click();
        const token = (await tokens.getByText(/^oct_/).innerText()).trim();
        const asToken = () =>
            fetch(`${server.url}/api/v1/session`, { headers: { Authorization: `Bearer ${token}` } });
        assert.equal((await (await asToken()).json()).role, "VIEWER");
        await tokens.getByRole("button", { name: "Revoke git hook" }).click();
        await page.getByText("The token “git hook” is revoked.").waitFor();
        assert.equal((await asToken()).status, 401);
    });
    assert.equal((await session(here)).status, 200);
    assert.equal((await session(other)).status, 401);
    const dan = await server.api("GET", "/users/dan");
    assert.equal(dan.email, "dan@example.org");
    assert.equal(dan.display_name, "Dan D.");
});

test("a disabled user is signed out at once", async () => {
    await server.api("POST", "/users", { name: "gil", role: "VIEWER", password: PASSWORD });
    const cookies = await cookiesOf("gil");
    await withPage(browser, server, { cookies }, async (page) => {
        await page.goto(`${server.url}/runs`);
        await page.getByRole("heading", { name: "Runs" }).waitFor();
        await server.api("POST", "/users/gil/disable", {});
        await until("they are asked to sign in", async () => {
            await page.goto(`${server.url}/runs`);
            return /sign-in/.test(page.url()) || (await page.getByLabel("Password").count()) > 0;
        });
    });
});

test("the pages of people are accessible and fit their screens", async () => {
    await server.api("POST", "/invitations", { role: "DEVELOPER", email: "kim@example.org" });
    const { code } = await server.api("POST", "/invitations", { name: "lou", role: "ADMIN" });
    server.cookies = await cookiesOf("ada");
    await look(
        browser,
        server,
        { account: "/account", users: "/users", settings: "/settings" },
        async (page, name) => {
            if (name === "users") await page.getByText("kim@example.org").waitFor();
            if (name === "users") await page.getByRole("button", { name: "Change release-bot" }).waitFor();
            if (name === "account")
                await page.getByRole("button", { name: "Add an authenticator" }).waitFor();
        },
    );
    await withPage(browser, server, OUT, async (page) => {
        const found = [];
        for (const screen of [WIDE, NARROW]) {
            await page.setViewportSize(screen);
            await page.goto(`${server.url}/sign-in`);
            await page.getByText("With a token or a link").click();
            await loaded(page);
            found.push(...(await judgeBoth(page, "sign-in")));
            await page.goto("about:blank");
            await page.goto(`${server.url}/welcome#${code}`);
            await page.getByText("as admin.").waitFor();
            found.push(...(await judgeBoth(page, "invitation")));
        }
        assert.deepEqual(found, []);
    });
});
