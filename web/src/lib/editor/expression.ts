/* expression.ts - what can be written inside of ${{ }}: contexts and functions by place, from the server's own tables, and below a context what the
 * file itself names. Pure. */

import { pathTo, type Choice, type Completion } from "./complete";
import { outlineOf, type JobOutline, type Outline } from "./outline";

export interface Tables {
    places: { path: string; contexts: string[]; functions: string[] }[];
    contexts: Record<string, string[]>;
    functions: Record<string, string>;
    actions: Record<string, string[]>;
}

const STATUS = new Set(["always", "cancelled", "failure", "success"]);

/** ["jobs", "build", "steps", "-", "if"] is at "jobs.*.steps[].if"; a place that is not named has what the one above it has. */
export function placeOf(tables: Tables, path: readonly string[]): Tables["places"][number] | undefined {
    const forms = (keys: readonly string[]): string[] =>
        keys.reduce<string[]>(
            (all, key, at) =>
                key === "-"
                    ? all.map((one) => `${one}[]`)
                    : all.flatMap((one) => [key, "*"].map((name) => (at === 0 ? name : `${one}.${name}`))),
            [""],
        );
    for (let size = path.length; size > 0; size--) {
        const here = forms(path.slice(0, size).slice(0, 8));
        const found = tables.places.find((place) => here.includes(place.path.replace("...", "")));
        if (found) return found;
    }
    return undefined;
}

// Where the cursor is within an expression: what is written of its last name.
function nameBefore(before: string, isCondition: boolean): string | undefined {
    const open = before.lastIndexOf("${{");
    const inside = open >= 0 && !before.slice(open).includes("}}");
    const text = inside ? before.slice(open + 3) : isCondition ? before.replace(/^[^:]*:\s*/, "") : undefined;
    if (text === undefined) return undefined;
    const quotes = (text.match(/'/g) ?? []).length;
    return quotes % 2 ? undefined : (/[\w.*-]*$/.exec(text)?.[0] ?? "");
}

function below(context: string[], tables: Tables, outline: Outline, job: JobOutline | undefined): string[] {
    const [name, second, third] = context;
    const known = (of: string) => tables.contexts[of] ?? [];
    if (context.length === 1) {
        if (name === "needs") return job?.needs ?? [];
        if (name === "steps") return job?.steps ?? [];
        if (name === "matrix") return job?.matrix ?? [];
        if (name === "inputs") return outline.inputs;
        if (name === "env") return [...new Set([...outline.env, ...(job?.env ?? [])])];
        if (name === "jobs") return [...outline.jobs.keys()];
        if (name === "secrets") return ["GITHUB_TOKEN"];
        return known(name ?? "");
    }
    if (context.length === 2)
        return known(`${name}.*`).length ? known(`${name}.*`) : known(`${name}.${second}`);
    if (third === "outputs" && (name === "needs" || name === "jobs"))
        return outline.jobs.get(second ?? "")?.outputs ?? [];
    return [];
}

/** At `column` of line `row`; undefined where that is not within an expression. */
export function completeExpression(
    tables: Tables,
    lines: readonly string[],
    row: number,
    column: number,
): Completion | undefined {
    const line = lines[row] ?? "";
    const before = line.slice(0, column);
    const match = /^(\s*)((?:- +)*)(?:([\w.-]+):(?:\s|$))?/.exec(before);
    const indent = match?.[1]?.length ?? 0;
    const dashes = match?.[2] ?? "";
    const written = nameBefore(before, match?.[3] === "if");
    if (written === undefined) return undefined;
    // A script's lines are at the place of its key
    const path = pathTo(lines, row, indent, dashes !== "") ?? blockPath(lines, row);
    if (dashes) path.push("-");
    if (match?.[3]) path.push(match[3]);
    const place = placeOf(tables, path);
    if (!place) return undefined;
    const parts = written.split(".");
    const word = parts.pop() ?? "";
    const from = column - word.length;
    if (parts.length === 0) {
        const functions = Object.entries(tables.functions)
            .filter(([name]) => (!STATUS.has(name) && name !== "hashFiles") || place.functions.includes(name))
            .map(([label, detail]): Choice => ({ label, detail, key: false, call: true }));
        return {
            from,
            choices: [...place.contexts.map((label): Choice => ({ label, key: false })), ...functions],
        };
    }
    if (!place.contexts.includes(parts[0] ?? "")) return undefined;
    const outline = outlineOf(lines);
    const job = path[0] === "jobs" ? outline.jobs.get(path[1] ?? "") : undefined;
    const names = below(parts, tables, outline, job);
    return names.length ? { from, choices: names.map((label) => ({ label, key: false })) } : undefined;
}

// Of a line within a block of text: the keys that lead to the block.
function blockPath(lines: readonly string[], row: number): string[] {
    for (let at = row; at >= 0; at--) {
        const match = /^(\s*)((?:- +)*)([\w.-]+):\s+[|>][-+0-9]*\s*$/.exec(lines[at] ?? "");
        if (!match) continue;
        const path = pathTo(lines, at, match[1]?.length ?? 0, match[2] !== "") ?? [];
        if (match[2]) path.push("-");
        return [...path, match[3] ?? ""];
    }
    return [];
}

/** The inputs of the well-known action of a step, where the cursor is at a key of its `with`. */
export function completeWith(
    tables: Tables,
    lines: readonly string[],
    row: number,
    column: number,
): Completion | undefined {
    const before = (lines[row] ?? "").slice(0, column);
    const match = /^(\s+)([\w-]*)$/.exec(before);
    if (!match) return undefined;
    const indent = match[1]?.length ?? 0;
    const path = pathTo(lines, row, indent);
    if (path?.at(-1) !== "with" || path.at(-2) !== "-") return undefined;
    let uses: string | undefined;
    const isBeside = (line: string) => /^\s*(?:- +)?uses:\s*["']?([^\s"'@]+)/.exec(line)?.[1];
    for (let at = row - 1; at >= 0 && uses === undefined; at--) {
        const line = lines[at] ?? "";
        uses = isBeside(line);
        if (/^\s*- /.test(line) && (/^\s*/.exec(line)?.[0].length ?? 0) < indent) break;
    }
    const inputs = tables.actions[uses ?? ""];
    return (
        inputs && {
            from: column - (match[2]?.length ?? 0),
            choices: inputs.map((label) => ({ label, key: true })),
        }
    );
}
