/* audit.ts - which entries of the audit a page shows, as its address says it, and how they read. Pure. */

import type { AuditEntry } from "../api";
import { SPANS } from "../run/filters";

/** As in the address; empty for any. */
export interface AuditFilters {
    actor: string;
    action: string;
    object: string;
    project: string;
    result: string;
    within: string; // A key of SPANS
}

const NAMES = ["actor", "action", "object", "project", "result", "within"] as const;
export const RESULTS: [string, string][] = [
    ["OK", "Done"],
    ["refused", "Refused"],
];

export function auditFiltersOf(search: URLSearchParams): AuditFilters {
    return Object.fromEntries(NAMES.map((name) => [name, search.get(name) ?? ""])) as unknown as AuditFilters;
}

/** As the server takes them, at this time. */
export function auditQuery({ within, ...rest }: AuditFilters, now: number): Record<string, string> {
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value));
    const span = SPANS[within];
    return span ? { ...given, since: new Date(now - span.ms).toISOString() } : given;
}

/** "secret_set" is "set secret": what was done, before to what. */
export function actionText(action: string): string {
    const words = action.split("_");
    const verb = words.pop() ?? "";
    return words.length ? `${verb} ${words.join(" ")}` : verb;
}

/** Where it came from: behind a proxy the address is the proxy's. */
export function origin({ address, forwarded_for }: AuditEntry): string {
    return forwarded_for ? `${address} (for ${forwarded_for})` : address;
}
