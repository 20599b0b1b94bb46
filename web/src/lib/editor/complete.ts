/* complete.ts - what can stand at a place of a workflow file: by the JSON Schema that the server makes of its own tables. Pure.
 *
 * It looks at indentation alone, so that it works while the text is not yet YAML. Within a block of text (run: |) it offers nothing. */

export interface Schema {
    $ref?: string;
    $defs?: Record<string, Schema>;
    description?: string;
    properties?: Record<string, Schema>;
    patternProperties?: Record<string, Schema>;
    additionalProperties?: boolean | Schema;
    items?: Schema;
    enum?: unknown[];
    anyOf?: Schema[];
    oneOf?: Schema[];
    allOf?: Schema[];
}
export interface Choice {
    label: string;
    detail?: string;
    key: boolean; // Of a map: a colon follows
    call?: boolean; // A function: parentheses follow
}
export interface Completion {
    from: number; // Within the line
    choices: Choice[];
}

const KEY = /^(\s*)((?:- +)*)([\w.-]+|"[^"]*"):(?:\s+(.*))?$/;
const MOST = 500;

/** The keys that lead to a line of this indentation, which may begin an entry of a list; "-" stands for one. Undefined within a block of text. */
export function pathTo(
    lines: readonly string[],
    row: number,
    indent: number,
    dash = false,
): string[] | undefined {
    const path: string[] = [];
    let bound = dash ? indent + 1 : indent; // Keys to the left of it are above
    let list = dash ? indent : -1; // Where the entries of the list begin that is left next: they are beside, not above
    for (let at = row - 1; at >= 0 && bound > 0; at--) {
        const line = lines[at] ?? "";
        if (!line.trim() || /^\s*#/.test(line)) continue;
        const match = KEY.exec(line);
        const lead = /^(\s*)((?:- +)*)/.exec(line) ?? [];
        const outer = lead[1]?.length ?? 0;
        const inner = outer + (lead[2]?.length ?? 0);
        if (inner > outer && outer === list) continue;
        if (inner < bound && match) {
            if (/^[|>][-+0-9]*$/.test(match[4] ?? "")) return undefined;
            path.unshift(match[3]?.replaceAll('"', "") ?? "");
        } else if (outer >= bound || inner > bound) continue;
        if (inner > outer) path.unshift("-");
        list = inner > outer ? outer : -1;
        bound = inner > outer ? outer + 1 : outer;
    }
    return path;
}

function* alternatives(schema: Schema | undefined, root: Schema, depth = 0): Generator<Schema> {
    if (!schema || depth > 8) return;
    if (schema.$ref) yield* alternatives(root.$defs?.[schema.$ref.replace("#/$defs/", "")], root, depth + 1);
    yield schema;
    for (const list of [schema.anyOf, schema.oneOf, schema.allOf])
        for (const one of list ?? []) yield* alternatives(one, root, depth + 1);
}

function at(schemas: Schema[], step: string, root: Schema): Schema[] {
    const next: Schema[] = [];
    for (const schema of schemas)
        for (const one of alternatives(schema, root)) {
            if (step === "-") {
                if (one.items) next.push(one.items);
                continue;
            }
            const named = one.properties?.[step];
            const any = Object.values(one.patternProperties ?? {});
            if (named) next.push(named);
            else if (any[0]) next.push(any[0]);
            else if (typeof one.additionalProperties === "object") next.push(one.additionalProperties);
        }
    return next;
}

function detailOf(schema: Schema, root: Schema): string | undefined {
    for (const one of alternatives(schema, root)) if (one.description) return one.description;
    return undefined;
}

/** What can be written where the cursor is, at `column` of the last of these lines. */
export function complete(root: Schema, lines: readonly string[], column: number): Completion | undefined {
    const row = lines.length - 1;
    const before = (lines[row] ?? "").slice(0, column);
    const value = /^(\s*)((?:- +)*)([\w.-]+):\s+([\w.-]*)$/.exec(before);
    const word = /^(\s*)((?:- +)*)([\w.-]*)$/.exec(before);
    const match = value ?? word;
    if (!match) return undefined;
    const outer = match[1]?.length ?? 0;
    const dashes = match[2] ?? "";
    const path = pathTo(lines, row, outer, dashes !== "");
    if (!path) return undefined;
    if (dashes) path.push("-");
    if (value?.[3]) path.push(value[3]);
    let here = [root];
    for (const step of path) here = at(here, step, root);
    const choices = new Map<string, Choice>();
    for (const schema of here)
        for (const one of alternatives(schema, root)) {
            for (const text of one.enum ?? [])
                if (typeof text === "string") choices.set(text, { label: text, key: false });
            if (!value)
                for (const [label, of] of Object.entries(one.properties ?? {}))
                    choices.set(label, { label, detail: detailOf(of, root), key: true });
        }
    const from = column - ((value ? value[4] : word?.[3])?.length ?? 0);
    return choices.size ? { from, choices: [...choices.values()].slice(0, MOST) } : undefined;
}
