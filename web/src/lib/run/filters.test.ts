import { expect, test } from "vitest";
import { askedOf, filtersOf } from "./filters";

const asked = (address: string) => askedOf(filtersOf(new URLSearchParams(address)), Date.UTC(2026, 0, 2));

test("an address says which runs are asked for", () => {
    expect(asked("project=site&ref=main&actor=Ada&status=failure&within=1d")).toMatchObject({
        project: "site",
        ref: "main",
        actor: "Ada",
        result: "failure",
        since: "2026-01-01T00:00:00.000Z",
    });
    expect(asked("status=running")).toMatchObject({ state: "running" });
    expect(asked("status=running")).not.toHaveProperty("result");
    expect(asked("within=ever&other=1")).toEqual({
        project: "",
        event: "",
        workflow: "",
        ref: "",
        actor: "",
    });
});
