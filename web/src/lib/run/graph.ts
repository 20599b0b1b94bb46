/* graph.ts - where the jobs of a run are drawn: columns by what they need, the cells of a matrix as one group. Pure.
 *
 * A layered drawing in three steps (after Sugiyama, Tagawa and Toda, 1981): the column is the longest way from a job without needs; within a
 * column, some sweeps order the nodes by the mean place of their neighbours; places follow from the order. */

import type { Job } from "../api";

export const NODE = { width: 204, height: 44, gapX: 44, gapY: 12, cell: 26 };
const SWEEPS = 4;
export const FOLD_FROM = 7; // A matrix of more cells is folded at first

/** What is drawn: a job of a run, or one that is only planned. */
export interface Drawn {
    key: string; // Under `jobs`
    needs: string[];
}
export interface GraphNode<J extends Drawn = Job> {
    key: string;
    jobs: J[]; // One, or the cells of a matrix
    x: number;
    y: number;
    width: number;
    height: number;
    open: boolean;
}
export interface GraphEdge {
    from: string;
    to: string;
    points: Point[]; // From the right edge of a node to the left edge of one, a pair for each column that it passes
    path: string; // Through them
}
interface Point {
    x: number;
    y: number;
}
export interface Graph<J extends Drawn = Job> {
    nodes: GraphNode<J>[];
    edges: GraphEdge[];
    width: number;
    height: number;
}

function group<J extends Drawn>(jobs: J[]): Map<string, J[]> {
    const groups = new Map<string, J[]>();
    for (const job of jobs) {
        const list = groups.get(job.key);
        if (list) list.push(job);
        else groups.set(job.key, [job]);
    }
    return groups;
}

function columnsOf(groups: Map<string, unknown>, needs: Map<string, string[]>): Map<string, number> {
    const columns = new Map<string, number>();
    const waiting = new Map([...groups.keys()].map((key) => [key, needs.get(key)?.length ?? 0]));
    const followers = new Map<string, string[]>();
    for (const [key, list] of needs)
        for (const need of list) followers.set(need, [...(followers.get(need) ?? []), key]);
    let ready = [...groups.keys()].filter((key) => waiting.get(key) === 0);
    for (let column = 0; ready.length; column++) {
        const next: string[] = [];
        for (const key of ready) {
            columns.set(key, column);
            for (const follower of followers.get(key) ?? []) {
                const left = (waiting.get(follower) ?? 1) - 1;
                waiting.set(follower, left);
                if (left === 0) next.push(follower);
            }
        }
        ready = next;
    }
    for (const key of groups.keys()) if (!columns.has(key)) columns.set(key, 0); // A circle cannot be planned
    return columns;
}

// The order in a column that crosses few lines: by the mean place of what a node is joined to in the column before, then in the one after.
function order(columns: string[][], needs: Map<string, string[]>) {
    const back = needs;
    const forth = new Map<string, string[]>();
    for (const [key, list] of needs)
        for (const need of list) forth.set(need, [...(forth.get(need) ?? []), key]);
    const place = new Map<string, number>();
    const number = (column: string[]) => column.forEach((key, at) => place.set(key, at));
    columns.forEach(number);
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
        const joined = sweep % 2 === 0 ? back : forth;
        for (const column of sweep % 2 === 0 ? columns : [...columns].reverse()) {
            const mean = new Map(
                column.map((key, at) => {
                    const others = (joined.get(key) ?? [])
                        .map((other) => place.get(other))
                        .filter((one) => one !== undefined);
                    return [key, others.length ? others.reduce((a, b) => a + b, 0) / others.length : at];
                }),
            );
            column.sort((a, b) => (mean.get(a) ?? 0) - (mean.get(b) ?? 0));
            number(column);
        }
    }
}

/** A line that passes columns gets a place of its own in each, so that it is not drawn behind a job. */
const LANE = 10;
interface Long {
    from: string;
    to: string;
    lanes: string[]; // One a column that it passes
}

function splitLong(columns: string[][], columnOf: Map<string, number>, needs: Map<string, string[]>) {
    const joined = new Map<string, string[]>();
    const longs: Long[] = [];
    for (const [key, list] of needs)
        for (const need of list) {
            const lanes: string[] = [];
            let before = need;
            for (let at = (columnOf.get(need) ?? 0) + 1; at < (columnOf.get(key) ?? 0); at++) {
                const lane = `${need}\n${key}\n${at}`; // No key has a line end
                columns[at]?.push(lane);
                joined.set(lane, [before]);
                lanes.push(lane);
                before = lane;
            }
            joined.set(key, [...(joined.get(key) ?? []), before]);
            longs.push({ from: need, to: key, lanes });
        }
    return { joined, longs };
}

export function layout<J extends Drawn>(jobs: J[], opened: Set<string>): Graph<J> {
    const groups = group(jobs);
    const needs = new Map(
        [...groups].map(([key, list]) => [
            key,
            [...new Set(list.flatMap((job) => job.needs))].filter((need) => groups.has(need)),
        ]),
    );
    const columnOf = columnsOf(groups, needs);
    const columns: string[][] = [];
    for (const [key, column] of columnOf) (columns[column] ??= []).push(key);
    const { joined, longs } = splitLong(columns, columnOf, needs);
    order(columns, joined);

    const nodes = new Map<string, GraphNode<J>>();
    const laneY = new Map<string, number>();
    let height = 0;
    columns.forEach((column, at) => {
        let y = 0;
        for (const key of column) {
            const list = groups.get(key);
            if (!list) {
                laneY.set(key, y + LANE / 2);
                y += LANE + NODE.gapY;
                continue;
            }
            const open = list.length > 1 && (opened.has(key) || list.length < FOLD_FROM);
            const tall = open ? NODE.height - 8 + list.length * NODE.cell : NODE.height;
            const x = at * (NODE.width + NODE.gapX);
            nodes.set(key, { key, jobs: list, x, y, width: NODE.width, height: tall, open });
            y += tall + NODE.gapY;
        }
        height = Math.max(height, y - NODE.gapY);
    });
    const edges = longs.flatMap(({ from, to, lanes }) => {
        const [begin, end] = [nodes.get(from), nodes.get(to)];
        if (!begin || !end) return [];
        const points: Point[] = [{ x: begin.x + begin.width, y: begin.y + NODE.height / 2 }];
        lanes.forEach((lane, nth) => {
            const x = ((columnOf.get(from) ?? 0) + 1 + nth) * (NODE.width + NODE.gapX);
            const y = laneY.get(lane) ?? 0;
            points.push({ x, y }, { x: x + NODE.width, y });
        });
        points.push({ x: end.x, y: end.y + NODE.height / 2 });
        return [{ from, to, points, path: pathOf(points) }];
    });
    return {
        nodes: [...nodes.values()],
        edges,
        width: columns.length * (NODE.width + NODE.gapX) - NODE.gapX,
        height,
    };
}

// Curves between columns, straight within one.
function pathOf(points: Point[]): string {
    return points
        .map(({ x, y }, at) => {
            const before = points[at - 1];
            if (!before) return `M${x} ${y}`;
            if (at % 2 === 0) return `L${x} ${y}`;
            const middle = (before.x + x) / 2;
            return `C${middle} ${before.y} ${middle} ${y} ${x} ${y}`;
        })
        .join("");
}

const RANK = ["failure", "cancelled"];

/** One state for the cells of a matrix: the worst that has ended, else that something runs, else that something waits. */
export function together(jobs: Job[]): { state: string; result: string | null } {
    for (const result of RANK)
        if (jobs.some((job) => job.result === result)) return { state: "finished", result };
    for (const state of ["running", "cancelling", "assigned", "queued", "pending"])
        if (jobs.some((job) => job.state === state)) return { state, result: null };
    const result = jobs.every((job) => job.result === "skipped") ? "skipped" : "success";
    return { state: "finished", result };
}
