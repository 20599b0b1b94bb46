/* rows.ts - which rows of a very long list are on the screen. Pure.
 *
 * Browsers cannot lay out an element of any height (Firefox gives up at 17.9 million pixels), so that the spacer is at most TALLEST: beyond it
 * a pixel of the scroll bar stands for more than a pixel of the list. Rows have one height. */

export const ROW = 20;
export const TALLEST = 4_000_000;
export const OVERSCAN = 10;

export interface Range {
    first: number; // Index of the first row to draw
    count: number;
    top: number; // Where to draw it, in pixels from the top of the spacer
}

export function spacerHeight(rows: number): number {
    return Math.min(rows * ROW, TALLEST);
}

/** How many rows above the screen's top edge there are, as a fraction. */
export function rowsAbove(rows: number, scrollTop: number, height: number): number {
    const whole = rows * ROW;
    if (whole <= TALLEST) return scrollTop / ROW;
    const room = Math.max(1, TALLEST - height);
    return (Math.min(1, Math.max(0, scrollTop / room)) * (whole - height)) / ROW;
}

/** The scroll position at which so many rows are above the screen's top edge. */
export function scrollBelow(rows: number, above: number, height: number): number {
    const whole = rows * ROW;
    const wanted = Math.max(0, Math.min(above * ROW, whole - height));
    return whole <= TALLEST ? wanted : (wanted / Math.max(1, whole - height)) * (TALLEST - height);
}

export function visible(rows: number, scrollTop: number, height: number): Range {
    const above = Math.max(0, rowsAbove(rows, scrollTop, height));
    const first = Math.max(0, Math.floor(above) - OVERSCAN);
    const last = Math.min(rows, Math.ceil(above + height / ROW) + OVERSCAN);
    return { first, count: Math.max(0, last - first), top: scrollTop - (above - first) * ROW };
}

/** The scroll position at which the row is in the middle of the screen. */
export function scrollTo(rows: number, index: number, height: number): number {
    return scrollBelow(rows, index - (height / ROW - 1) / 2, height);
}
