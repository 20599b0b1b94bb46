import adapter from "@sveltejs/adapter-static";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { routeFiles } from "./route_files.js";

const pages = adapter({
    pages: process.env.OPENCICD_WEB_OUT ?? "../build/web",
    fallback: "index.html",
    precompress: true,
});

/** Tells static/early.js the files of each route, before all are packed. */
function withRoutes(builder) {
    const path = join(builder.getClientDirectory(), "early.js");
    const patterns = new Map(builder.routes.map((route) => [route.id, route.pattern]));
    const rows = routeFiles().map(
        ({ route, own }) => `[${patterns.get(route)}, ${JSON.stringify(own.map((file) => `/${file}`))}]`,
    );
    const text = readFileSync(path, "utf8");
    const filled = text.replace("const routes = [];", () => `const routes = [${rows.join(", ")}];`);
    if (filled === text || rows.some((row) => row.startsWith("[undefined")))
        throw new Error("early.js: the routes have no place in it");
    writeFileSync(path, filled);
}

// Pages are files: the server sends index.html for every path that a browser opens, and the page asks the API for the rest.
/** @type {import("@sveltejs/kit").Config} */
export default {
    kit: {
        adapter: {
            name: pages.name,
            adapt: (builder) => {
                withRoutes(builder);
                return pages.adapt(builder);
            },
        },
        csp: {
            mode: "hash",
            directives: {
                "default-src": ["none"],
                "script-src": ["self"],
                "style-src": ["self"],
                "style-src-attr": ["unsafe-inline"], // Widths and positions that are computed
                "img-src": ["self", "data:"],
                "font-src": ["self"],
                "connect-src": ["self"],
                "worker-src": ["self"],
                "frame-src": ["self"],
                "manifest-src": ["self"],
                "form-action": ["self"],
                "base-uri": ["none"],
            },
        },
        output: { bundleStrategy: "split" },
        version: { pollInterval: 0 },
    },
};
