/* People sign in by an OpenID provider, a real one (npm oidc-provider), in a real browser. A test's name is the sentence it proves. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { withPage } from "./look.js";
import { Browser, packages, Server } from "./server.js";

const PASSWORD = "seventeen green kettles";
const server = new Server({ agents: 0 });
const browser = new Browser();
let provider;

const withVisitor = (task) => withPage(browser, server, { signedIn: false, also: provider.issuer }, task);

const FORM = `<form method="post"><input name="login"><button>Sign in</button><button name="no">Decline</button></form>`;

/** The provider's own page: signs in whom one names. */
async function interact(oidc, request, response) {
    if (request.method === "GET") return response.setHeader("Content-Type", "text/html").end(FORM);
    let body = "";
    for await (const piece of request) body += piece;
    const form = new URLSearchParams(body);
    const result = form.has("no") ? { error: "access_denied" } : { login: { accountId: form.get("login") } };
    await oidc.interactionFinished(request, response, result);
}

/** Its ID tokens have the claims that `findAccount` gives. */
async function startProvider(redirect) {
    const { Provider } = await import(join(packages, "oidc-provider/lib/index.js"));
    const { createServer } = await import("node:http");
    const http = createServer();
    await new Promise((done) => http.listen(0, "127.0.0.1", done));
    const issuer = `http://127.0.0.1:${http.address().port}`;
    const oidc = new Provider(issuer, {
        clients: [{ client_id: "ci", client_secret: "s e+c/ret", redirect_uris: [redirect] }],
        features: { devInteractions: { enabled: false } },
        interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
        pkce: { required: () => true },
        conformIdTokenClaims: false,
        claims: { openid: ["sub"], profile: ["name", "preferred_username", "groups"], email: ["email"] },
        findAccount: (_context, id) => ({
            accountId: id,
            claims: () => ({ sub: id, name: id.toUpperCase(), preferred_username: id, groups: ["dev"] }),
        }),
        loadExistingGrant: async (context) => {
            const grant = new context.oidc.provider.Grant({
                clientId: context.oidc.client.clientId,
                accountId: context.oidc.session.accountId,
            });
            grant.addOIDCScope("openid profile email");
            await grant.save();
            return grant;
        },
    });
    const others = oidc.callback();
    http.on("request", (request, response) =>
        request.url.startsWith("/interaction/")
            ? interact(oidc, request, response)
            : others(request, response),
    );
    return { issuer, close: () => new Promise((done) => (http.closeAllConnections(), http.close(done))) };
}

before(async () => {
    await Promise.all([server.start(), browser.start()]);
    provider = await startProvider(`${server.url}/sign-in/callback`);
    await server.api("PUT", "/providers/acme", {
        issuer: provider.issuer,
        client_id: "ci",
        client_secret: "s e+c/ret",
        label: "Acme",
        create: true,
        role: "VIEWER",
        groups_claim: "groups",
        groups: ["dev=developers"],
        private_networks: true,
    });
});
after(async () => {
    await browser.close();
    await server.close();
    await provider.close();
});

async function visit(page, name) {
    await page.waitForURL(`${provider.issuer}/interaction/**`);
    await page.locator("input[name=login]").fill(name);
    await page.getByRole("button", { name: "Sign in" }).click();
}

test("who presses the button of a provider and signs in there is signed in here, at the page that they wanted", async () => {
    await withVisitor(async (page) => {
        await page.goto(`${server.url}/sign-in?to=%2Faccount`);
        await page.getByRole("button", { name: "Sign in with Acme" }).click();
        await visit(page, "ada");
        await page.waitForURL(`${server.url}/account`);
        await page.getByText("Signed in as ada, viewer.").waitFor();
        await page.getByRole("region", { name: "Sign-in by others" }).getByText("ada, linked").waitFor();
        await page.getByRole("button", { name: "Unlink Acme" }).click();
        await page.getByText("it is the only way in which you sign in").waitFor();
        const { items } = await server.api("GET", "/groups");
        assert.deepEqual(
            items.map((group) => [group.name, group.provided]),
            [["developers", ["ada"]]],
        );
    });
});

test("an answer that was used, or is of another browser, or a refusal, is said in words", async () => {
    await withVisitor(async (page) => {
        await page.goto(`${server.url}/sign-in/callback?state=made-up&code=x`);
        await page.getByText("was begun in another browser").waitFor();
        assert.equal(new URL(page.url()).search, "");
        await page.getByRole("link", { name: "Back to signing in" }).click();
        await page.getByRole("button", { name: "Sign in with Acme" }).click();
        await page.waitForURL(`${provider.issuer}/interaction/**`);
        await page.getByRole("button", { name: "Decline" }).click();
        await page.getByText("Acme did not let you in, or you declined there").waitFor();
    });
});

test("who has an account links an identity by the password, and signs in by it", async () => {
    await server.api("POST", "/users", { name: "grace", role: "DEVELOPER", password: PASSWORD });
    await withVisitor(async (page) => {
        await page.goto(`${server.url}/sign-in?to=%2Faccount`);
        await page.getByLabel("Name", { exact: true }).fill("grace");
        await page.getByLabel("Password").fill(PASSWORD);
        await page.getByRole("button", { name: "Sign in", exact: true }).click();
        await page.getByText("Signed in as grace, developer.").waitFor();
        await page.getByLabel("Your password, to link or unlink").fill(PASSWORD);
        await page.getByRole("button", { name: "Link Acme" }).click();
        await visit(page, "hopper");
        await page.waitForURL(`${server.url}/account`);
        await page.getByText("hopper, linked").waitFor();
        await page.context().clearCookies({ domain: "127.0.0.1", name: "opencicd_session" });
        await page.goto(`${server.url}/sign-in?to=%2Faccount`);
        await page.getByRole("button", { name: "Sign in with Acme" }).click(); // Which still knows them
        await page.getByText("Signed in as grace, developer.").waitFor();
    });
});
