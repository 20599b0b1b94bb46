/* outline.ts - what a workflow file names itself: its jobs, their steps, needs, matrices and outputs, its inputs and variables. Pure.
 *
 * By lines and indentation, so that a file is understood while somebody types in it. What stands on one line in braces is read as far as its
 * own keys. */

import { pathTo } from "./complete";

export interface JobOutline {
    needs: string[];
    outputs: string[];
    matrix: string[];
    steps: string[]; // Ids, in order
    env: string[];
}
export interface Outline {
    inputs: string[];
    env: string[];
    jobs: Map<string, JobOutline>;
}

const KEY = /^\s*(?:- +)*([\w.-]+|"[^"]*"|'[^']*')\s*:(?:\s+(.*))?$/;

const unquoted = (text: string) => text.trim().replace(/^(["'])(.*)\1$/, "$2");

/** "{a: 1, b: [x, {c: 2}]}" has a and b; "[a, b]" and "a" are their items. */
export function flow(text: string): string[] {
    const whole = text.replace(/\s#.*$/, "").trim();
    const inner = /^[[{](.*?)[\]}]?$/s.exec(whole)?.[1];
    if (inner === undefined) return whole ? [unquoted(whole)] : [];
    const parts: string[] = [];
    let depth = 0;
    let part = "";
    for (const letter of inner) {
        if ("[{".includes(letter)) depth++;
        if ("]}".includes(letter)) depth--;
        if (letter === "," && depth === 0) {
            parts.push(part);
            part = "";
        } else part += letter;
    }
    parts.push(part);
    const isMap = whole.startsWith("{");
    return parts.map((one) => unquoted(isMap ? (one.split(":")[0] ?? "") : one)).filter((one) => one !== "");
}

/** What a key of braces holds: of "{fail-fast: true, matrix: {a: 1}}" that of matrix. */
function within(text: string, key: string): string {
    const begin = new RegExp(`[{,]\\s*${key}\\s*:\\s*(?=[[{])`).exec(text);
    if (!begin) return "";
    const from = begin.index + begin[0].length;
    let depth = 0;
    for (let at = from; at < text.length; at++) {
        if ("[{".includes(text.charAt(at))) depth++;
        if ("]}".includes(text.charAt(at)) && --depth === 0) return text.slice(from, at + 1);
    }
    return text.slice(from); // It is not closed yet
}

const add = (list: string[], names: readonly string[]) => {
    for (const name of names) if (name && !list.includes(name)) list.push(name);
};

const empty = (): JobOutline => ({ needs: [], outputs: [], matrix: [], steps: [], env: [] });

function jobAt(outline: Outline, name: string): JobOutline {
    const known = outline.jobs.get(name) ?? empty();
    outline.jobs.set(name, known);
    return known;
}

// What one line, at this path of keys, says of the file.
function take(outline: Outline, path: readonly string[], key: string, value: string) {
    const [first, second, third, fourth] = path;
    if (first === "on" && third === "inputs" && path.length === 3) add(outline.inputs, [key]);
    if (first === "on" && path.length === 2 && key === "inputs") add(outline.inputs, flow(value));
    if (first === "on" && path.length === 1) add(outline.inputs, flow(within(value, "inputs")));
    if (first === "env" && path.length === 1) add(outline.env, [key]);
    if (path.length === 0 && key === "env" && value) add(outline.env, flow(value));
    if (first !== "jobs") return;
    if (path.length === 1) {
        jobAt(outline, key);
        return;
    }
    const job = jobAt(outline, second ?? "");
    if (path.length === 2) {
        if (key === "needs" && value) add(job.needs, flow(value));
        if (key === "outputs" && value) add(job.outputs, flow(value));
        if (key === "env" && value) add(job.env, flow(value));
        if (key === "strategy" && value) add(job.matrix, flow(within(value, "matrix")));
    } else if (third === "outputs" && path.length === 3) add(job.outputs, [key]);
    else if (third === "env" && path.length === 3) add(job.env, [key]);
    else if (third === "strategy" && key === "matrix" && path.length === 3 && value)
        add(job.matrix, flow(value));
    else if (third === "strategy" && fourth === "matrix" && path.length === 4) {
        if (key !== "include" && key !== "exclude") add(job.matrix, [key]);
    } else if (third === "strategy" && fourth === "matrix" && path[4] === "include" && path[5] === "-")
        add(job.matrix, [key]);
    else if (third === "steps" && fourth === "-" && path.length === 4 && key === "id")
        add(job.steps, [unquoted(value)]);
}

/** The whole file, or as much as is before a row. */
export function outlineOf(lines: readonly string[]): Outline {
    const outline: Outline = { inputs: [], env: [], jobs: new Map() };
    for (let row = 0; row < lines.length; row++) {
        const line = lines[row] ?? "";
        const indent = /^\s*/.exec(line)?.[0].length ?? 0;
        const dashes = /^\s*((?:- +)*)/.exec(line)?.[1] ?? "";
        const path = pathTo(lines, row, indent, dashes !== "");
        if (!path) continue; // Within a block of text
        if (dashes) path.push("-");
        const match = KEY.exec(line);
        if (match) take(outline, path, unquoted(match[1] ?? ""), match[2] ?? "");
        else if (path[0] === "jobs" && path[2] === "needs" && dashes)
            add(jobAt(outline, path[1] ?? "").needs, [unquoted(line.trim().slice(1))]);
    }
    return outline;
}
