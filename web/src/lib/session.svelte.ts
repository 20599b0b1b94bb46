/* session.svelte.ts - who is signed in. */

import { answer, api, ApiError, type Session } from "./api";

export type SignIn = { token: string } | { code: string } | { name: string; password: string; otp?: string };

/** Roles of people; each may what those before it may. */
const ranks = ["MEMBER", "VIEWER", "DEVELOPER", "MAINTAINER", "ADMIN"] as const;
export type Role = (typeof ranks)[number];

function reaches(role: string | undefined, least: Role) {
    return ranks.indexOf(role as Role) >= ranks.indexOf(least);
}

const visitor = { role: "", subject: "", roles: [] as unknown } as Session;

/** Undefined where somebody must be signed in for that. */
async function unlessRefused<T>(call: Promise<{ data?: T; response: Response }>): Promise<T | undefined> {
    try {
        return await answer(call);
    } catch (error) {
        if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return undefined;
        throw error;
    }
}

const mayLookAround = async () =>
    (await unlessRefused(api.GET("/projects", { params: { query: { limit: 1 } } }))) !== undefined;

class Current {
    session = $state.raw<Session>();
    /** Nobody is signed in, and there are projects that everybody may see. */
    visitor = $derived(this.session?.subject === "");

    /** In this project, by its id; without one: in all of them. The server decides; a page only does not offer what it would refuse. */
    may(least: Role, project?: string): boolean {
        if (reaches(this.session?.role, least)) return true;
        return (
            this.session?.roles.some((row) => row.project_id === project && reaches(row.role, least)) ?? false
        );
    }
    /** In some project, or in all. */
    get mayChange() {
        return (
            reaches(this.session?.role, "DEVELOPER") ||
            (this.session?.roles.some((row) => reaches(row.role, "DEVELOPER")) ?? false)
        );
    }
    get isAdmin() {
        return this.session?.role === "ADMIN";
    }

    /** Undefined where nobody is signed in. */
    async load(): Promise<Session | undefined> {
        const session = (await unlessRefused(api.GET("/session"))) as Session | undefined;
        this.session = session ?? ((await mayLookAround()) ? visitor : undefined);
        return this.session;
    }

    /** Nobody is signed in where the answer says what is needed `next`. */
    async signIn(by: SignIn): Promise<Session> {
        const session = (await answer(api.POST("/session", { body: by }))) as Session;
        if (!session.next) this.session = session;
        return session;
    }

    /** By what a provider's answer brought; the page to go to. Where an identity was linked, who is signed in stays. */
    async finishSignIn(by: { state: string; code?: string; iss?: string; error?: string }): Promise<string> {
        const session = (await answer(api.POST("/sign-in/finish", { body: by }))) as Session;
        await this.load();
        return session.to;
    }

    async signOut() {
        if (!this.visitor) await api.DELETE("/session");
        this.session = undefined;
    }
}

export const current = new Current();
