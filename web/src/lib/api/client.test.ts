/* The client against a real HTTP server that answers what a test tells it to and remembers what it was asked. */

import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { answer, ApiError, createApi, each, rows, type Api } from "./client";

interface Answer {
    status?: number;
    type?: string;
    headers?: Record<string, string>;
    body?: unknown; // A string goes out as it stands, all else as JSON
}

let server: Server;
let asked: { line: string; token?: string; body: string }[];
let reply: (request: IncomingMessage) => Answer;
let token: string | undefined;
let api: Api;

async function textOf(request: IncomingMessage): Promise<string> {
    let text = "";
    for await (const piece of request) text += piece;
    return text;
}

beforeEach(async () => {
    asked = [];
    token = "secret";
    server = createServer(async (request, response) => {
        const line = `${request.method} ${request.url}`;
        asked.push({ line, token: request.headers.authorization, body: await textOf(request) });
        const { status = 200, type = "application/json", headers, body } = reply(request);
        response.writeHead(status, { "Content-Type": type, ...headers });
        response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    api = createApi({ url: `http://127.0.0.1:${port}/api/v1`, token: () => token });
});

afterEach(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
});

async function errorOf(call: Promise<unknown>): Promise<ApiError> {
    const error = await call.then(
        () => undefined,
        (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ApiError);
    return error as ApiError;
}

const runs = (cursor?: string) => api.GET("/runs", { params: { query: { cursor, limit: 2 } } });

/** A list of two pages, and an empty `next` on the last, as the server writes it. */
function twoPages({ url }: IncomingMessage): Answer {
    const second = new URL(url ?? "", "http://fake").searchParams.get("cursor") === "a/b=";
    return {
        body: second
            ? { items: [{ id: "3" }], next: "" }
            : { items: [{ id: "1" }, { id: "2" }], next: "a/b=" },
    };
}

test("a list is read through all its pages, in order, and its rows are typed", async () => {
    const ids: (string | undefined)[] = [];
    reply = twoPages;
    for await (const run of each(runs)) ids.push(run.id);
    expect(ids).toEqual(["1", "2", "3"]);
    expect(asked.map(({ line }) => line)).toEqual([
        "GET /api/v1/runs?limit=2",
        "GET /api/v1/runs?cursor=a%2Fb%3D&limit=2",
    ]);
});

test("a page that nobody reads is not asked for", async () => {
    reply = twoPages;
    for await (const run of each(runs)) if (run.id === "2") break;
    expect(asked).toHaveLength(1);
});

test("an empty list has no rows", async () => {
    reply = () => ({ body: { items: [], next: "" } });
    for await (const run of each(runs)) expect(run).toBeUndefined();
    expect(asked).toHaveLength(1);
});

test("a list whose next page is itself ends with an error, not never", async () => {
    reply = () => ({ body: { items: [{ id: "1" }], next: "again" } });
    await expect(async () => {
        for await (const run of each(runs)) expect(run.id).toBe("1");
    }).rejects.toThrow("does not go on");
    expect(asked).toHaveLength(2);
});

test("rows are those of all pages, up to the most that is wanted, and only those that are kept", async () => {
    reply = twoPages;
    const list = (most: number, keep?: (run: { id?: string }) => boolean) =>
        rows((cursor, limit) => api.GET("/runs", { params: { query: { cursor, limit } } }), most, keep).then(
            (all) => all.map((run) => run.id),
        );
    expect(await list(1000)).toEqual(["1", "2", "3"]);
    expect(asked.map(({ line }) => line)).toEqual([
        "GET /api/v1/runs?limit=200",
        "GET /api/v1/runs?cursor=a%2Fb%3D&limit=200",
    ]);
    asked = [];
    expect(await list(2)).toEqual(["1", "2"]);
    expect(asked.map(({ line }) => line)).toEqual(["GET /api/v1/runs?limit=2"]);
    asked = [];
    expect(await list(1, (run) => run.id === "3")).toEqual(["3"]); // After rows that nobody wants
    expect(asked).toHaveLength(2);
    expect(await list(0)).toEqual([]);
});

test("a list that breaks on its second page has given the rows of its first", async () => {
    const ids: (string | undefined)[] = [];
    reply = (request) => (asked.length === 1 ? twoPages(request) : { status: 503 });
    const error = await errorOf(
        (async () => {
            for await (const run of each(runs)) ids.push(run.id);
        })(),
    );
    expect(ids).toEqual(["1", "2"]);
    expect(error.status).toBe(503);
});

test("every request carries the token of its moment, and none where there is none", async () => {
    reply = () => ({ body: { items: [] } });
    await runs();
    token = "another";
    await runs();
    token = undefined;
    await runs();
    expect(asked.map((request) => request.token)).toEqual(["Bearer secret", "Bearer another", undefined]);
});

test("path parameters are escaped and a body goes out as JSON", async () => {
    reply = () => ({ status: 201, body: { id: "7" } });
    const run = await answer(
        api.POST("/projects/{project}/runs", {
            params: { path: { project: "a/b c" } },
            body: { workflow: "ci.yml", ref: "main" },
        }),
    );
    expect(run.id).toBe("7");
    expect(asked[0]?.line).toBe("POST /api/v1/projects/a%2Fb%20c/runs");
    expect(JSON.parse(asked[0]?.body ?? "")).toEqual({ workflow: "ci.yml", ref: "main" });
});

test("an answer without a body is good where none is wanted, and an error where one is", async () => {
    reply = () => ({ status: 204, body: "" });
    const call = () => api.DELETE("/agents/{agent}", { params: { path: { agent: "ada" } } });
    expect((await call()).response.status).toBe(204);
    expect((await errorOf(answer(call()))).detail).toBe("the answer has no body");
});

test("a problem becomes an error with its detail, its code and the request's id", async () => {
    const detail = "run 9 is over";
    const problem = { type: "about:blank", title: "it changed", status: 409, code: "CONFLICT", detail };
    reply = () => ({
        status: 409,
        type: "application/problem+json",
        body: { ...problem, request_id: "r-1" },
    });
    const error = await errorOf(api.POST("/runs/{run}/cancel", { params: { path: { run: "9" } } }));
    expect({ ...error }).toEqual({
        name: "ApiError",
        status: 409,
        code: "CONFLICT",
        detail,
        request_id: "r-1",
    });
    expect(error.message).toBe(detail);
});

test.each<[string, Answer, string]>([
    ["a title alone", { type: "application/problem+json", body: { title: "it is full" } }, "it is full"],
    ["JSON that is cut off", { type: "application/problem+json", body: '{"detail":"ha' }, "Bad Gateway"],
    ["JSON that is not an object", { type: "application/problem+json", body: "null" }, "Bad Gateway"],
    ["a proxy's page", { type: "text/html", body: "<h1>502</h1>" }, "Bad Gateway"],
    ["nothing at all", { body: "" }, "Bad Gateway"],
])("a failure that says %s is an error all the same", async (_, failure, detail) => {
    reply = () => ({ status: 502, headers: { "X-Request-Id": "r-2" }, ...failure });
    const error = await errorOf(runs());
    expect(error.detail).toBe(detail);
    expect(error.status).toBe(502);
    expect(error.request_id).toBe("r-2");
});

test("a call that is given up ends as fetch ends it", async () => {
    reply = () => ({ body: { items: [] } });
    await expect(api.GET("/runs", { signal: AbortSignal.abort() })).rejects.toThrow(
        expect.objectContaining({ name: "AbortError" }),
    );
});

test("a server that is not there is known by what fetch throws", async () => {
    await new Promise((closed) => server.close(closed));
    await expect(runs()).rejects.toThrow("fetch failed");
});
