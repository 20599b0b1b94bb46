/* ansi.ts - one line of a log as pieces of text with a look. Pure.
 *
 * Understands colours and styles (SGR: 16, 256 and 24-bit colours, bold, dim, italic, underlined, inverse) and what a carriage return does to
 * a progress line; every other escape sequence is dropped, so that a log cannot move, name or link anything. Sources: ECMA-48 5.4, 8.3.117; ITU-T
 * T.416 13.1.8 for the colours. The result is only ever put into text nodes. */

export interface Look {
    fg?: string; // A CSS colour
    bg?: string;
    bold?: boolean;
    dim?: boolean;
    italic?: boolean;
    underline?: boolean;
}

export interface Piece {
    text: string;
    look?: Look; // Undefined for plain text
}

/** The 16 named colours are the page's own, so that they can be read on both backgrounds. */
const named = (index: number) => `var(--ansi-${index})`;

function indexed(index: number): string | undefined {
    if (!(index >= 0 && index <= 255)) return undefined;
    if (index < 16) return named(index);
    if (index >= 232) {
        const grey = 8 + (index - 232) * 10;
        return `rgb(${grey} ${grey} ${grey})`;
    }
    const cube = index - 16;
    const level = (value: number) => (value === 0 ? 0 : 55 + value * 40);
    return `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`;
}

// 38;5;N and 38;2;R;G;B, also with colons. Returns how many parameters it took after the first.
function extended(values: number[], at: number): [string | undefined, number] {
    if (values[at + 1] === 5) return [indexed(values[at + 2] ?? -1), 2];
    if (values[at + 1] !== 2) return [undefined, 1];
    const rgb = values.slice(at + 2, at + 5);
    const good = rgb.length === 3 && rgb.every((value) => value >= 0 && value <= 255);
    return [good ? `rgb(${rgb.join(" ")})` : undefined, 4];
}

function change(look: Look, inverse: boolean, parameters: string): [Look, boolean] {
    const values = parameters.split(/[;:]/).map((text) => (text === "" ? 0 : Number(text)));
    let next = { ...look };
    for (let at = 0; at < values.length; at++) {
        const value = values[at] ?? 0;
        if (value === 0) [next, inverse] = [{}, false];
        else if (value === 1) next.bold = true;
        else if (value === 2) next.dim = true;
        else if (value === 3) next.italic = true;
        else if (value === 4) next.underline = true;
        else if (value === 7) inverse = true;
        else if (value === 22) next.bold = next.dim = undefined;
        else if (value === 23) next.italic = undefined;
        else if (value === 24) next.underline = undefined;
        else if (value === 27) inverse = false;
        else if (value >= 30 && value <= 37) next.fg = named(value - 30);
        else if (value >= 90 && value <= 97) next.fg = named(value - 90 + 8);
        else if (value >= 40 && value <= 47) next.bg = named(value - 40);
        else if (value >= 100 && value <= 107) next.bg = named(value - 100 + 8);
        else if (value === 39) next.fg = undefined;
        else if (value === 49) next.bg = undefined;
        else if (value === 38 || value === 48) {
            const [colour, taken] = extended(values, at);
            if (colour) next[value === 38 ? "fg" : "bg"] = colour;
            at += taken;
        }
    }
    return [next, inverse];
}

// An escape sequence, whole or cut off at the end of the line: CSI, then OSC and its like up to BEL or ST, then two bytes.
const ESCAPE =
    /\x1b\[([0-9:;<=>?]*)[ -/]*([@-~])?|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?/g;
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

const isPlain = (look: Look) => Object.values(look).every((value) => value === undefined);

/** What a terminal would show of the line: after each carriage return it is written over. Good for progress bars, which write whole lines. */
export function lastState(line: string): string {
    const text = line.replace(/\r+$/, "");
    return text.slice(text.lastIndexOf("\r") + 1);
}

export function parse(line: string): Piece[] {
    const text = lastState(line);
    if (text.search(CONTROL) < 0) return text ? [{ text }] : [];
    const pieces: Piece[] = [];
    let look: Look = {};
    let inverse = false;
    let begin = 0;
    function add(end: number) {
        const part = text.slice(begin, end).replace(CONTROL, "");
        if (!part) return;
        const shown = inverse
            ? { ...look, fg: look.bg ?? "var(--color-surface)", bg: look.fg ?? "var(--color-ink)" }
            : look;
        pieces.push(isPlain(shown) ? { text: part } : { text: part, look: shown });
    }
    for (const match of text.matchAll(ESCAPE)) {
        add(match.index);
        begin = match.index + match[0].length;
        // With a private marker it is not a colour
        if (match[2] === "m" && !/[<=>?]/.test(match[1] ?? ""))
            [look, inverse] = change(look, inverse, match[1] ?? "");
    }
    add(text.length);
    return pieces;
}

/** The text alone: what is copied, and what the server searches in. */
export function plain(line: string): string {
    return parse(line)
        .map((piece) => piece.text)
        .join("");
}

export function style(look: Look | undefined): string | undefined {
    if (!look) return undefined;
    const rules: string[] = [];
    if (look.fg) rules.push(`color:${look.fg}`);
    if (look.bg) rules.push(`background:${look.bg}`);
    if (look.bold) rules.push("font-weight:600");
    if (look.dim) rules.push("opacity:.7");
    if (look.italic) rules.push("font-style:italic");
    if (look.underline) rules.push("text-decoration:underline");
    return rules.join(";");
}
