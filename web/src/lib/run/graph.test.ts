import { describe, expect, it } from "vitest";
import type { Job } from "../api";
import { layout, NODE, together } from "./graph";

function job(key: string, needs: string[] = [], more: Partial<Job> = {}): Job {
    return {
        id: `j-${key}-${more.name ?? ""}`,
        key,
        name: key,
        needs,
        state: "finished",
        result: "success",
        ...more,
    } as Job;
}

const column = (x: number) => x / (NODE.width + NODE.gapX);

describe("the graph of a run", () => {
    it("puts a job after all that it needs", () => {
        const graph = layout(
            [job("deploy", ["test", "docs"]), job("test", ["build"]), job("build"), job("docs")],
            new Set(),
        );
        const at = Object.fromEntries(graph.nodes.map((node) => [node.key, column(node.x)]));
        expect(at).toEqual({ build: 0, docs: 0, test: 1, deploy: 2 });
        expect(graph.edges.map((edge) => `${edge.from}>${edge.to}`).sort()).toEqual([
            "build>test",
            "docs>deploy",
            "test>deploy",
        ]);
    });

    it("shows the cells of a matrix as one node, folded where they are many", () => {
        const few = layout(
            ["a", "b"].map((name) => job("test", [], { name })),
            new Set(),
        );
        expect(few.nodes).toHaveLength(1);
        expect(few.nodes[0]?.open).toBe(true);
        const cells = Array.from({ length: 20 }, (_, at) => job("test", [], { name: String(at) }));
        expect(layout(cells, new Set()).nodes[0]?.open).toBe(false);
        expect(layout(cells, new Set(["test"])).nodes[0]?.open).toBe(true);
    });

    it("never draws two nodes over each other", () => {
        const jobs = Array.from({ length: 60 }, (_, at) =>
            job(`j${at}`, at < 6 ? [] : [`j${at - 6}`, `j${(at * 7) % 6}`]),
        );
        const { nodes, width, height } = layout(jobs, new Set());
        for (const a of nodes) {
            expect(a.x + a.width).toBeLessThanOrEqual(width);
            expect(a.y + a.height).toBeLessThanOrEqual(height);
            for (const b of nodes)
                if (a !== b && a.x === b.x) expect(a.y + a.height <= b.y || b.y + b.height <= a.y).toBe(true);
        }
    });

    it("keeps a line that passes a column clear of the jobs in it", () => {
        const { nodes, edges } = layout(
            [job("a"), job("b", ["a"]), job("c", ["b"]), job("d", ["a", "c"])],
            new Set(),
        );
        const long = edges.find((edge) => edge.from === "a" && edge.to === "d");
        expect(long?.points).toHaveLength(6);
        const inside = (long?.points ?? []).flatMap(({ x, y }) =>
            nodes.filter(
                (node) => x >= node.x && x <= node.x + node.width && y >= node.y && y <= node.y + node.height,
            ),
        );
        expect(inside.map((node) => node.key)).toEqual(["a", "d"]); // Its two ends
    });

    it("draws 300 jobs within a frame or two, and a circle at all", () => {
        const jobs = Array.from({ length: 300 }, (_, at) =>
            job(`j${at}`, at < 10 ? [] : [`j${at - 10}`, `j${at - 7 < 0 ? 0 : at - 7}`]),
        );
        expect(layout(jobs, new Set()).nodes).toHaveLength(300);
        expect(layout([job("a", ["b"]), job("b", ["a"])], new Set()).nodes).toHaveLength(2);
        expect(layout([], new Set()).nodes).toEqual([]);
    });
});

describe("the state of a matrix", () => {
    it("is the worst that has ended, else what goes on", () => {
        const cell = (state: string, result: string | null) =>
            job("m", [], { state, result } as Partial<Job>);
        expect(together([cell("running", null), cell("finished", "failure")]).result).toBe("failure");
        expect(together([cell("queued", null), cell("running", null)]).state).toBe("running");
        expect(together([cell("finished", "success"), cell("finished", "skipped")]).result).toBe("success");
        expect(together([cell("finished", "skipped")]).result).toBe("skipped");
    });
});
