/* server.js - a real server with its agents in a folder of its own, a repository, and a browser: what every test of the pages begins with. */

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
export const packages = join(root, "web/node_modules");
const { chromium } = await import(join(packages, "playwright-core/index.mjs"));
export const axeSource = readFileSync(join(packages, "axe-core/axe.min.js"), "utf8");
export const program = resolve(process.env.OPENCICD ?? join(root, "build/opencicd"));
const WAIT_MS = Number(process.env.OPENCICD_WAIT_MS ?? 60_000);

/** Until it holds; what it returns. A deadline far off: a busy machine is no failure. */
export async function until(what, check, ms = WAIT_MS) {
    const end = Date.now() + ms;
    for (;;) {
        const value = await check();
        if (value) return value;
        if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
        await new Promise((done) => setTimeout(done, 25));
    }
}

export class Server {
    constructor({ agents } = {}) {
        this.agents = agents;
        this.folder = mkdtempSync(join(tmpdir(), "opencicd-web-"));
        this.data = join(this.folder, "data");
        this.environment = {
            ...process.env,
            OPENCICD_DATA_DIR: this.data,
            HOME: this.folder,
        };
    }

    async start(listen = "127.0.0.1:0") {
        const options = ["up", "--data-dir", this.data, "--listen", listen, "--shutdown-seconds", "2"];
        options.push("--isolation", "off"); // Jobs wait for files of this machine
        if (this.agents !== undefined) options.push("--agents", String(this.agents));
        const pages = process.env.OPENCICD_WEB ? ["--web-dir", process.env.OPENCICD_WEB] : [];
        rmSync(join(this.data, "url"), { force: true });
        this.child = spawn(program, [...options, ...pages], {
            env: this.environment,
            stdio: ["ignore", "pipe", "pipe"],
        });
        this.log = "";
        for (const stream of [this.child.stdout, this.child.stderr])
            stream.on("data", (data) => (this.log += data));
        this.ended = new Promise((done) => this.child.on("exit", done));
        this.url = await until("the server is ready", async () => {
            if (this.child.exitCode !== null) throw new Error(`the server ended: ${this.log}`);
            try {
                const url = readFileSync(join(this.data, "url"), "utf8").trim();
                return (await fetch(`${url}/readyz`)).ok && url;
            } catch {
                return false;
            }
        });
        this.token = readFileSync(join(this.data, "admin-token"), "utf8").trim();
    }

    async stop() {
        this.child.kill("SIGTERM");
        await this.ended;
    }

    async close() {
        await this.stop();
        rmSync(this.folder, { recursive: true, force: true });
    }

    link() {
        return execFileSync(program, ["web"], {
            env: this.environment,
            encoding: "utf8",
        }).trim();
    }

    /** The cookies of a browser that is signed in: once for all contexts, as a browser's tabs share them. */
    async session() {
        this.cookies ??= await this.signIn();
        return this.cookies;
    }

    async signIn(token = this.token) {
        const answer = await fetch(`${this.url}/api/v1/session`, {
            method: "POST",
            headers: { "Content-Type": "application/json", Origin: this.url },
            body: JSON.stringify({ token }),
        });
        if (!answer.ok) throw new Error(`signing in: ${answer.status} ${await answer.text()}`);
        return answer.headers.getSetCookie().map((cookie) => {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
            return { name, value, url: this.url, httpOnly: true, sameSite: "Lax" };
        });
    }

    async api(method, path, body) {
        const headers = {
            Authorization: `Bearer ${this.token}`,
            "Content-Type": "application/json",
        };
        const answer = await fetch(`${this.url}/api/v1${path}`, {
            method,
            headers,
            body: body && JSON.stringify(body),
        });
        if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
        return answer.status === 204 ? undefined : answer.json();
    }

    /** A repository with these files, one commit; its folder. */
    repository(name, files) {
        const folder = join(this.folder, name);
        const git = (...words) =>
            execFileSync("git", [
                "-C",
                folder,
                "-c",
                "user.name=Ada",
                "-c",
                "user.email=ada@example.org",
                ...words,
            ]);
        for (const [path, text] of Object.entries(files)) {
            mkdirSync(dirname(join(folder, path)), { recursive: true });
            writeFileSync(join(folder, path), text);
        }
        git("init", "-q", "-b", "main");
        git("add", "-A");
        git("commit", "-q", "-m", "Begin");
        return folder;
    }

    async project(name, files) {
        return this.api("POST", "/projects", {
            name,
            url: this.repository(name, files),
        });
    }

    async trigger(project, workflow) {
        return this.api("POST", `/projects/${project}/runs`, { workflow });
    }

    async finished(run) {
        return until(`run ${run} has ended`, async () => {
            const now = await this.api("GET", `/runs/${run}`);
            return now.state === "finished" && now;
        });
    }
}

/** A browser, and pages of it that are signed in and that note what should never happen. */
export class Browser {
    async start() {
        const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
        this.browser = await chromium.launch({
            executablePath,
            args: ["--no-sandbox"],
        });
    }

    async close() {
        await this.browser.close();
    }

    async context(
        server,
        { width = 1280, height = 800, scheme = "light", signedIn = true, cookies, also } = {},
    ) {
        const context = await this.browser.newContext({
            viewport: { width, height },
            colorScheme: scheme,
            reducedMotion: "reduce", // What pulses while it loads is drawn sixty times a second, by the processor
            permissions: ["clipboard-read", "clipboard-write"],
        });
        context.problems = [];
        context.setDefaultTimeout(WAIT_MS);
        context.on("request", (request) => {
            const known = [server.url, also].some((url) => url && request.url().startsWith(url));
            if (!known && !/^(data|blob):/.test(request.url()))
                context.problems.push(`a request left: ${request.url()}`);
        });
        context.on("weberror", (error) => context.problems.push(`an error: ${error.error().message}`));
        context.on("console", (message) => {
            if (/Content.Security.Policy/i.test(message.text())) context.problems.push(message.text());
        });
        if (signedIn) await context.addCookies(cookies ?? (await server.session()));
        return context;
    }
}
