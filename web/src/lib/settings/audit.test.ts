import { expect, test } from "vitest";
import type { AuditEntry } from "../api";
import { actionText, auditFiltersOf, auditQuery, origin } from "./audit";

test("the address names the filters, and empty ones are not asked for", () => {
    const filters = auditFiltersOf(new URLSearchParams("actor=ada&within=1d&unknown=x"));
    expect(filters.actor).toBe("ada");
    expect(auditQuery(filters, Date.parse("2026-01-02T08:00:00Z"))).toEqual({
        actor: "ada",
        since: "2026-01-01T08:00:00.000Z",
    });
    expect(auditQuery(auditFiltersOf(new URLSearchParams()), 0)).toEqual({});
});

test("an action reads as what was done", () => {
    expect(actionText("secret_set")).toBe("set secret");
    expect(actionText("session_begin")).toBe("begin session");
    expect(actionText("login")).toBe("login");
});

test("what a proxy says is shown as said", () => {
    expect(origin({ address: "10.0.0.1", forwarded_for: "" } as AuditEntry)).toBe("10.0.0.1");
    expect(origin({ address: "10.0.0.1", forwarded_for: "192.0.2.7" } as AuditEntry)).toBe(
        "10.0.0.1 (for 192.0.2.7)",
    );
});
