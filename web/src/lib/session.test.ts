import { beforeEach, describe, expect, it } from "vitest";
import type { Session } from "./api";
import { current } from "./session.svelte";

function signedIn(role: string, roles: { project_id: string; role: string }[] = []) {
    current.session = { role, subject: "ada", roles } as Session;
}

describe("what the session may", () => {
    beforeEach(() => (current.session = undefined));

    it("is nothing without one", () => {
        expect(current.may("VIEWER", "p1")).toBe(false);
        expect(current.mayChange).toBe(false);
    });

    it("is its role in every project", () => {
        signedIn("DEVELOPER");
        expect(current.may("DEVELOPER", "p1")).toBe(true);
        expect(current.may("MAINTAINER", "p1")).toBe(false);
        expect(current.may("VIEWER")).toBe(true);
    });

    it("is in a project what it was given there, and elsewhere not", () => {
        signedIn("MEMBER", [{ project_id: "p1", role: "MAINTAINER" }]);
        expect(current.may("MAINTAINER", "p1")).toBe(true);
        expect(current.may("VIEWER", "p2")).toBe(false);
        expect(current.may("VIEWER")).toBe(false);
        expect(current.mayChange).toBe(true); // Somewhere
        expect(current.isAdmin).toBe(false);
    });

    it("is nothing by a role that a newer server has", () => {
        signedIn("OWNER");
        expect(current.may("VIEWER", "p1")).toBe(false);
    });
});
