/* budget.js FOLDER - refuses pages that have become heavy: the bytes of script and style, packed by gzip, with which a route first appears.
 *
 * The shell and the list of runs may have 70 KB, every other route 15 KB more. What a route loads is in the manifest of the build. */

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const SHELL = 70_000;
const MORE = 15_000;
const LIGHT = ["/(app)", "/(app)/runs"];
const made = ".svelte-kit/generated/client-optimized";
const manifest = JSON.parse(readFileSync(".svelte-kit/output/client/.vite/manifest.json", "utf8"));
const folder = process.argv[2] ?? "../build/web";

function collect(key, into) {
    const chunk = manifest[key];
    if (!chunk || into.has(chunk.file)) return;
    into.add(chunk.file);
    for (const style of chunk.css ?? []) into.add(style);
    for (const other of chunk.imports ?? []) collect(other, into);
}

// Its imports are not loaded here: the one object that is wanted is read.
const app = readFileSync(`${made}/app.js`, "utf8");
const dictionary = Function(`return ${/dictionary = (\{[\s\S]*?\});/.exec(app)[1]}`)();

let bad = 0;
for (const [route, [page, layouts = []]] of Object.entries(dictionary)) {
    const files = new Set();
    for (const key of Object.keys(manifest))
        if (manifest[key].isEntry && !key.includes("/nodes/")) collect(key, files);
    for (const node of [0, 1, ...layouts, page])
        collect(`${made}/nodes/${node < 0 ? ~node : node}.js`, files);
    const size = [...files].reduce((sum, file) => sum + statSync(join(folder, `${file}.gz`)).size, 0);
    const limit = SHELL + (LIGHT.includes(route) ? 0 : MORE);
    console.log(`${String(size).padStart(7)} of ${limit} bytes  ${route}`);
    if (size > limit) bad++;
}
process.exit(bad ? 1 : 0);
