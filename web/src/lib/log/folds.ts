/* folds.ts - the groups of a log, and which rows are left of it where some are folded. Pure.
 *
 * A group is `##[group]`, what it hides, and `##[endgroup]`; one that nobody ends goes up to the next group, step or the end. They do not nest. Lines
 * count from 1, rows from 0. */

export interface Group {
    first: number; // Its title's line
    last: number; // Its last line, which is hidden too
}

/** The groups between marks, which are in order. `ends` are lines before which a group ends anyway: where steps begin, and after the last line. */
export function groupsOf(
    marks: readonly { line: number; begins: boolean }[],
    ends: readonly number[],
): Group[] {
    const groups: Group[] = [];
    let first = 0;
    let at = 0;
    function close(last: number) {
        while (at < ends.length && (ends[at] ?? 0) <= first) at++;
        const bound = (ends[at] ?? Infinity) - 1;
        if (first && Math.min(last, bound) > first) groups.push({ first, last: Math.min(last, bound) });
        first = 0;
    }
    for (const mark of marks) {
        if (first) close(mark.begins ? mark.line - 1 : mark.line);
        if (mark.begins) first = mark.line;
    }
    if (first) close(Infinity);
    return groups.filter((group) => group.last < Infinity);
}

/** The rows that are left where these groups, in order, are folded. */
export class Folds {
    readonly #before: number[] = []; // Lines that are hidden up to and with each group

    constructor(readonly folded: readonly Group[] = []) {
        let hidden = 0;
        for (const { first, last } of folded) this.#before.push((hidden += last - first));
    }

    // How many groups there are whose `key` is less than `value`.
    #count(value: number, key: (group: Group, at: number) => number): number {
        let [low, high] = [0, this.folded.length];
        while (low < high) {
            const middle = (low + high) >> 1;
            const group = this.folded[middle];
            if (group && key(group, middle) < value) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /** Of a log of so many lines. */
    rows(lines: number): number {
        return lines === 0 ? 0 : this.row(lines) + 1;
    }

    /** Where the line is, or the title of the group that hides it. */
    row(line: number): number {
        const groups = this.#count(line, (group) => group.first); // Those that begin before it
        const inside = groups > 0 ? this.folded[groups - 1] : undefined;
        const shown = inside && line <= inside.last ? inside.first : line;
        return (
            shown -
            1 -
            (inside && shown === inside.first ? this.#hidden(groups - 2) : this.#hidden(groups - 1))
        );
    }

    #hidden(group: number): number {
        return this.#before[group] ?? 0;
    }

    /** The line that is shown in the row. */
    line(row: number): number {
        const groups = this.#count(row, (group, at) => group.first - 1 - this.#hidden(at - 1));
        return row + 1 + this.#hidden(groups - 1);
    }
}
