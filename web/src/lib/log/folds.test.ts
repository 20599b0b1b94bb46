import { expect, test } from "vitest";
import { Folds, groupsOf } from "./folds";

const marks = (text: string) =>
    text.split(" ").map((word) => ({ line: Number(word.slice(1)), begins: word[0] === "+" }));

test("a group ends where it says so, else where another, a step or nothing follows", () => {
    expect(groupsOf(marks("+2 -5 +9 +20 +40"), [1, 30, 100])).toEqual([
        { first: 2, last: 5 },
        { first: 9, last: 19 },
        { first: 20, last: 29 },
        { first: 40, last: 99 },
    ]);
});

test("a group of a title alone, an end without a group, and one that may go on are none", () => {
    expect(groupsOf(marks("-1 +3 +4 -6 +8"), [])).toEqual([{ first: 4, last: 6 }]);
});

test("every row is of one line, every line has its row, and a hidden one that of its title", () => {
    const folded = [
        { first: 1, last: 3 },
        { first: 4, last: 5 },
        { first: 8, last: 10 },
    ];
    const folds = new Folds(folded);
    const hides = (line: number) => folded.find(({ first, last }) => line > first && line <= last);
    const shown = Array.from({ length: 12 }, (_, at) => at + 1).filter((line) => !hides(line));
    expect(folds.rows(12)).toBe(shown.length);
    shown.forEach((line, row) => {
        expect(folds.line(row)).toBe(line);
        expect(folds.row(line)).toBe(row);
    });
    expect(folds.row(2)).toBe(0);
    expect(folds.row(5)).toBe(1);
    expect(folds.row(10)).toBe(folds.row(8));
    expect(folds.rows(9)).toBe(5); // It ends within a group
    expect(new Folds().rows(0)).toBe(0);
});
