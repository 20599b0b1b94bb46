import { expect, test } from "vitest";
import type { Project } from "../api";
import { subjectsOf } from "./identity";

const project = { repository: "acme/si:te", default_branch: "trunk" } as Project;

test("an environment comes first, and no name can pass for another", () => {
    expect(subjectsOf(project, ["prod:eu"]).map((subject) => subject.sub)).toEqual([
        "repo:acme/si%3Ate:environment:prod%3Aeu",
        "repo:acme/si%3Ate:ref:refs/heads/trunk",
        "repo:acme/si%3Ate:pull_request",
    ]);
});
