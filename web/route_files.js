/* route_files.js - which files of the build each route needs, from the manifest of the build and kit's own table of routes. */

import { readFileSync } from "node:fs";

const made = ".svelte-kit/generated/client-optimized";
const read = (path) => readFileSync(path, "utf8");

function collect(manifest, key, into) {
    const chunk = manifest[key];
    if (!chunk || into.has(chunk.file)) return;
    into.add(chunk.file);
    for (const style of chunk.css ?? []) into.add(style);
    for (const other of chunk.imports ?? []) collect(manifest, other, into);
}

/** Of each route: what every page begins with, and what it itself needs beside that. */
export function routeFiles() {
    const manifest = JSON.parse(read(".svelte-kit/output/client/.vite/manifest.json"));
    // Its imports are not loaded here: the one object that is wanted is read.
    const dictionary = Function(`return ${/dictionary = (\{[\s\S]*?\});/.exec(read(`${made}/app.js`))[1]}`)();
    const first = new Set();
    const add = (node, into) => collect(manifest, `${made}/nodes/${node < 0 ? ~node : node}.js`, into);
    for (const key of Object.keys(manifest))
        if (manifest[key].isEntry && !key.includes("/nodes/")) collect(manifest, key, first);
    add(0, first); // The outermost layout
    return Object.entries(dictionary).map(([route, [page, layouts = []]]) => {
        const own = new Set(first);
        for (const node of [1, ...layouts, page]) add(node, own); // 1: where something goes wrong
        return { route, first: [...first], own: [...own].filter((file) => !first.has(file)) };
    });
}
