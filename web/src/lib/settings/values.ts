/* values.ts - secrets and variables of a scope: all projects, one, or one of its environments. */

import { api, rows, type Secret, type Variable } from "../api";

export interface Scope {
    project?: string;
    environment?: string;
}

export type Kind = "secret" | "variable";
/** A secret's value is never shown. */
export type Value = Secret & Partial<Pick<Variable, "value">>;

const MOST = 200; // A scope has at most 100

/** The same routes stand below each scope. */
function path(kind: Kind, { project, environment }: Scope) {
    const of = project ? `/projects/${encodeURIComponent(project)}` : "";
    const to = environment ? `/environments/${encodeURIComponent(environment)}` : "";
    return `${of}${to}/${kind}s`;
}

export function allValues(kind: Kind, scope: Scope, signal?: AbortSignal): Promise<Value[]> {
    const at = path(kind, scope) as "/variables";
    return rows(
        (cursor, limit) => api.GET(at, { params: { query: { cursor, limit } }, signal }),
        MOST,
    ) as Promise<Value[]>;
}

export function setValue(kind: Kind, scope: Scope, name: string, value: string) {
    const at = `${path(kind, scope)}/{name}` as "/variables/{name}";
    return api.PUT(at, { params: { path: { name } }, body: { value } });
}

export function removeValue(kind: Kind, scope: Scope, name: string) {
    const at = `${path(kind, scope)}/{name}` as "/variables/{name}";
    return api.DELETE(at, { params: { path: { name } } });
}
