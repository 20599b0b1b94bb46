/* range.ts - the range of days of the insights, as the address says it: ?days=30, or ?from=2026-11-01&to=2026-11-29. Pure. */

export const RANGES = [7, 30, 90];
const DAY = 86_400_000;
const MOST_DAYS = 92; // INSIGHT_DAYS of the server

/** `to` is not included; undefined where the server's default is meant: until now. */
export interface Range {
    days: number;
    from: string;
    to?: string;
}

function day(text: string | null): number {
    return text && /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
}

/** What the address names, or the last 30 days where it names nothing that can be shown. */
export function rangeOf(search: URLSearchParams, now: number): Range {
    const from = day(search.get("from"));
    const to = day(search.get("to"));
    if (from < to + DAY && to + DAY - from <= (MOST_DAYS - 1) * DAY)
        return {
            days: Math.round((to + DAY - from) / DAY),
            from: new Date(from).toISOString(),
            to: new Date(to + DAY).toISOString(),
        };
    const asked = Number(search.get("days"));
    const days = RANGES.includes(asked) ? asked : 30;
    const today = Math.floor(now / DAY) * DAY;
    return { days, from: new Date(today - (days - 1) * DAY).toISOString() };
}

/** Every day of the range as "2026-11-29", those without runs too. */
export function daysOf(range: Range): string[] {
    const first = Date.parse(range.from);
    return Array.from({ length: range.days }, (_, at) =>
        new Date(first + at * DAY).toISOString().slice(0, 10),
    );
}
