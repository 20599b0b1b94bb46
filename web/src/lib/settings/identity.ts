/* identity.ts - what others need to know to trust the identities of a project's jobs (docs/oidc.md). */

import { answer, api, type Project } from "../api";

export interface Trust {
    issuer: string;
    project: Project;
}

export async function trustOf(project: string, signal?: AbortSignal): Promise<Trust> {
    const [discovery, shown] = await Promise.all([
        answer(api.GET("/.well-known/openid-configuration", { signal })),
        answer(api.GET("/projects/{project}", { params: { path: { project } }, signal })),
    ]);
    return { issuer: (discovery as { issuer: string }).issuer, project: shown as Project };
}

// As the server writes it: a name cannot pass for another.
function escaped(text: string): string {
    return text.replaceAll(":", "%3A");
}

export interface Subject {
    of: string;
    sub: string;
}

/** The subjects that jobs of this project can have; the environments are those that it has. */
export function subjectsOf(project: Project, environments: string[]): Subject[] {
    const repo = `repo:${escaped(project.repository)}`;
    return [
        ...environments.map((name) => ({
            of: `jobs for ${name}`,
            sub: `${repo}:environment:${escaped(name)}`,
        })),
        {
            of: `pushes to ${project.default_branch || "main"}`,
            sub: `${repo}:ref:refs/heads/${escaped(project.default_branch || "main")}`,
        },
        { of: "any pull request", sub: `${repo}:pull_request` },
    ];
}
