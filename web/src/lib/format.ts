/* format.ts - times, durations, sizes and names as people read them. Pure functions. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "3 min ago", "in 2 h", "12 Nov". What is more than a week away is a date. */
export function relative(at: number, now: number): string {
    const past = now - at;
    const size = Math.abs(past);
    if (size < 45 * SECOND) return past >= 0 ? "just now" : "in a moment";
    if (size > 7 * DAY) return calendar(at, now);
    const text =
        size < HOUR
            ? `${Math.round(size / MINUTE)} min`
            : size < DAY
              ? `${Math.round(size / HOUR)} h`
              : `${Math.round(size / DAY)} d`;
    return past >= 0 ? `${text} ago` : `in ${text}`;
}

/** "12 Nov", with the year where it is another one. */
export function calendar(at: number, now: number): string {
    const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
    return new Intl.DateTimeFormat("en-GB", {
        day: "numeric",
        month: "short",
        ...(sameYear ? {} : { year: "numeric" }),
    }).format(at);
}

/** "Sunday, 29 November 2026 at 10:42:03 UTC", for the title of a relative time. */
export function absolute(at: number): string {
    return new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long" }).format(at);
}

/** "0.4 s", "42 s", "3 m 07 s", "2 h 05 m": the two largest units. */
export function duration(ms: number): string {
    if (!(ms >= 0)) return "";
    if (ms < 10 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
    const seconds = Math.round(ms / SECOND);
    if (seconds < 60) return `${seconds} s`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${minutes} m ${String(seconds % 60).padStart(2, "0")} s`;
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, "0")} m`;
    return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** "512 B", "1.4 MB": powers of 1000. */
export function bytes(size: number): string {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let unit = 0;
    while (size >= 1000 && unit < units.length - 1) {
        size /= 1000;
        unit++;
    }
    return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** "refs/heads/main" is "main", "refs/pull/7/merge" is "#7". */
export function refName(ref: string): string {
    const pull = /^refs\/pull\/(\d+)\//.exec(ref);
    return pull ? `#${pull[1]}` : ref.replace(/^refs\/(heads|tags)\//, "");
}

export function shortSha(sha: string): string {
    return sha.slice(0, 7);
}

/** "1 job", "3 jobs". */
export function count(number: number, one: string, many = `${one}s`): string {
    return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}
