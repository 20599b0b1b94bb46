/* session.svelte.ts - who is signed in. */

import { answer, api, ApiError, type Session } from "./api";

class Current {
    session = $state.raw<Session>();

    get mayChange() {
        return this.session?.role === "DEVELOPER" || this.session?.role === "ADMIN";
    }
    get isAdmin() {
        return this.session?.role === "ADMIN";
    }

    /** Undefined where nobody is signed in. */
    async load(): Promise<Session | undefined> {
        try {
            this.session = (await answer(api.GET("/session"))) as Session;
        } catch (error) {
            if (!(error instanceof ApiError) || (error.status !== 401 && error.status !== 403)) throw error;
            this.session = undefined;
        }
        return this.session;
    }

    async signIn(by: { token: string } | { code: string }) {
        this.session = (await answer(api.POST("/session", { body: by }))) as Session;
    }

    async signOut() {
        await api.DELETE("/session");
        this.session = undefined;
    }
}

export const current = new Current();
