/* lists.ts - the lists that pages show, read through all their pages, to a declared most.
 *
 * Each most is what a page can show and a person can look through; who needs more filters, or asks the API. */

import {
    answer,
    api,
    rows,
    type Agent,
    type Annotation,
    type Artifact,
    type AuditEntry,
    type Deployment,
    type Environment,
    type Invitation,
    type Project,
    type RoleRow,
    type Run,
    type SignedIn,
    type Token,
    type User,
} from ".";

const MOST = 5000;

export function allProjects(signal?: AbortSignal): Promise<Project[]> {
    return rows(
        (cursor, limit) => api.GET("/projects", { params: { query: { cursor, limit } }, signal }),
        MOST,
    ) as Promise<Project[]>;
}

export function allAgents(signal?: AbortSignal): Promise<Agent[]> {
    return rows(
        (cursor, limit) => api.GET("/agents", { params: { query: { cursor, limit } }, signal }),
        MOST,
    ) as Promise<Agent[]>;
}

/** How busy each of them was, by its id. */
export async function agentLoads(
    signal?: AbortSignal,
): Promise<Map<string, { percent: number; seconds: number }>> {
    const agents = (await rows(
        (cursor, limit) => api.GET("/agents", { params: { query: { cursor, limit, load: true } }, signal }),
        MOST,
    )) as Agent[];
    return new Map(
        agents.map((agent) => [agent.id, { percent: agent.load_percent, seconds: agent.load_seconds }]),
    );
}

/** Who was given which role in a project. */
export function rolesOf(project: string, signal?: AbortSignal): Promise<RoleRow[]> {
    return rows(
        (cursor, limit) =>
            api.GET("/projects/{project}/roles", {
                params: { path: { project }, query: { cursor, limit } },
                signal,
            }),
        MOST,
    ) as Promise<RoleRow[]>;
}

/** Those of people and tools: each agent has one, which ends with it. */
export function allTokens(signal?: AbortSignal): Promise<Token[]> {
    return rows(
        (cursor, limit) => api.GET("/tokens", { params: { query: { cursor, limit } }, signal }),
        MOST,
        (token) => token.role !== "AGENT",
    ) as Promise<Token[]>;
}

/** The browsers in which the caller is signed in. */
export function ownSessions(signal?: AbortSignal): Promise<SignedIn[]> {
    return rows(
        (cursor, limit) => api.GET("/sessions", { params: { query: { cursor, limit } }, signal }),
        MOST,
    ) as Promise<SignedIn[]>;
}

/** What people did, latest first. */
export function auditEntries(
    filter: Record<string, string>,
    most: number,
    signal?: AbortSignal,
): Promise<AuditEntry[]> {
    return rows(
        (cursor, limit) => api.GET("/audit", { params: { query: { ...filter, cursor, limit } }, signal }),
        most,
    ) as Promise<AuditEntry[]>;
}

/** The caller's own tokens. */
export function ownTokens(signal?: AbortSignal): Promise<Token[]> {
    return rows(
        (cursor, limit) => api.GET("/account/tokens", { params: { query: { cursor, limit } }, signal }),
        MOST,
    ) as Promise<Token[]>;
}

/** People, or service accounts. */
export function allUsers(service: boolean, signal?: AbortSignal): Promise<User[]> {
    return rows(
        (cursor, limit) => api.GET("/users", { params: { query: { cursor, limit, service } }, signal }),
        MOST,
    ) as Promise<User[]>;
}

export function allInvitations(signal?: AbortSignal): Promise<Invitation[]> {
    return rows(
        (cursor, limit) => api.GET("/invitations", { params: { query: { cursor, limit } }, signal }),
        MOST,
    ) as Promise<Invitation[]>;
}

export interface RunFilter {
    project?: string;
    state?: string;
    result?: string;
    workflow?: string;
    ref?: string;
    actor?: string;
    event?: string;
    since?: string;
}

/** The latest first; empty filters count for nothing. */
export function latestRuns(filter: RunFilter, most: number, signal?: AbortSignal): Promise<Run[]> {
    const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value));
    return rows(
        (cursor, limit) => api.GET("/runs", { params: { query: { ...given, cursor, limit } }, signal }),
        most,
    ) as Promise<Run[]>;
}

export function artifactsOf(run: string, signal?: AbortSignal): Promise<Artifact[]> {
    const path = { run };
    return rows(
        (cursor, limit) =>
            api.GET("/runs/{run}/artifacts", { params: { path, query: { cursor, limit } }, signal }),
        MOST,
    ) as Promise<Artifact[]>;
}

/** Of one of its jobs, among the first of the run: a page of them at most. */
export async function annotationsOf(run: string, job: string, signal?: AbortSignal): Promise<Annotation[]> {
    const params = { path: { run }, query: { limit: 200 } };
    const { items } = await answer(api.GET("/runs/{run}/annotations", { params, signal }));
    return (items as Annotation[]).filter((one) => one.job_id === job);
}

export function environmentsOf(project: string, signal?: AbortSignal): Promise<Environment[]> {
    const path = { project };
    return rows(
        (cursor, limit) =>
            api.GET("/projects/{project}/environments", {
                params: { path, query: { cursor, limit } },
                signal,
            }),
        MOST,
    ) as Promise<Environment[]>;
}

/** Jobs that wait for an approval which the caller may give. */
export function ownApprovals(signal?: AbortSignal): Promise<Deployment[]> {
    return rows(
        (cursor, limit) =>
            api.GET("/approvals", { params: { query: { cursor, limit, mine: true } }, signal }),
        MOST,
    ) as Promise<Deployment[]>;
}
