/* budget.js FOLDER - refuses pages that have become heavy: the bytes of script and style, packed by gzip, with which a route first appears,
 * and the number of files.
 *
 * The shell and the list of runs may have 70 KB, every other route 15 KB more. */

import { statSync } from "node:fs";
import { join } from "node:path";
import { routeFiles } from "./route_files.js";

const SHELL = 70_000;
const MORE = 15_000;
const LIGHT = ["/(app)", "/(app)/runs"];
const FILES = 16; // A browser asks for six at a time
const folder = process.argv[2] ?? "../build/web";

let bad = 0;
for (const { route, first, own } of routeFiles()) {
    const files = [...first, ...own];
    const size = files.reduce((sum, file) => sum + statSync(join(folder, `${file}.gz`)).size, 0);
    const limit = SHELL + (LIGHT.includes(route) ? 0 : MORE);
    console.log(`${String(size).padStart(7)} of ${limit} bytes, ${files.length} of ${FILES} files  ${route}`);
    if (size > limit || files.length > FILES) bad++;
}
process.exit(bad ? 1 : 0);
