/* highlight.ts - what was searched for within a line, also where colours change in the middle of it. Pure. */

import type { Piece } from "./ansi";

export interface Found {
    text: string;
    exact: boolean; // Case counts
}
export interface Part extends Piece {
    hit: boolean;
}

const MOST = 200; // Of one line

function hitsOf(line: string, { text, exact }: Found): [number, number][] {
    const [hay, needle] = exact ? [line, text] : [line.toLowerCase(), text.toLowerCase()];
    const hits: [number, number][] = [];
    // Where lower case has another length, places would be wrong
    if (!needle || hay.length !== line.length) return hits;
    for (
        let at = hay.indexOf(needle);
        at >= 0 && hits.length < MOST;
        at = hay.indexOf(needle, at + needle.length)
    )
        hits.push([at, at + needle.length]);
    return hits;
}

/** The pieces, cut where a hit begins or ends. */
export function partsOf(pieces: readonly Piece[], found: Found | undefined): Part[] {
    const hits = found ? hitsOf(pieces.map((piece) => piece.text).join(""), found) : [];
    if (!hits.length) return pieces.map((piece) => ({ ...piece, hit: false }));
    const parts: Part[] = [];
    let begin = 0; // Of the piece, in the line
    let nth = 0;
    for (const piece of pieces) {
        let at = 0;
        while (at < piece.text.length) {
            while ((hits[nth]?.[1] ?? Infinity) <= begin + at) nth++;
            const [from, to] = hits[nth] ?? [Infinity, Infinity];
            const hit = from <= begin + at;
            const end = Math.min(piece.text.length, (hit ? to : from) - begin);
            parts.push({ text: piece.text.slice(at, end), look: piece.look, hit });
            at = end;
        }
        begin += piece.text.length;
    }
    return parts;
}
