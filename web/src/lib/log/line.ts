/* line.ts - what a line of a log is: the runner's own lines begin with ##[name]. Pure. */

export type LineKind = "text" | "group" | "endgroup" | "command" | "error" | "warning" | "notice" | "debug";

const MARK = /^##\[(group|endgroup|command|error|warning|notice|debug|section)\]/;

/** The kind, and the text without its mark. */
export function kindOf(line: string): { kind: LineKind; text: string } {
    const match = MARK.exec(line);
    if (!match) return { kind: "text", text: line };
    const kind = match[1] === "section" ? "group" : (match[1] as LineKind);
    return { kind, text: line.slice(match[0].length) };
}
