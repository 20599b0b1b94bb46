/* timeline.ts - a run's jobs over time, and its critical path: what made it as long as it was. Pure. */

import type { Job } from "../api";

export interface Bar {
    job: Job;
    waitFrom: number; // 0 to 1 of the run's time
    from: number;
    to: number;
    critical: boolean;
}

const time = (text: string | null | undefined) => (text ? Date.parse(text) : NaN);

/** The jobs that ended last, one before the other: each is what the one after it waited for. */
function criticalPath(jobs: Job[], now: number): Set<Job> {
    const path = new Set<Job>();
    const end = (job: Job) => time(job.finished_at) || now;
    const latest = (list: Job[]) => list.filter((job) => job.started_at).sort((a, b) => end(b) - end(a))[0];
    for (let job = latest(jobs); job && !path.has(job);) {
        path.add(job);
        const needs = new Set(job.needs);
        job = latest(jobs.filter((other) => needs.has(other.key)));
    }
    return path;
}

export function timeline(jobs: Job[], now: number): { bars: Bar[]; span: number; begin: number } {
    const begins = jobs
        .map((job) => time(job.queued_at) || time(job.started_at))
        .filter((at) => !Number.isNaN(at));
    const begin = begins.length ? Math.min(...begins) : now;
    const end = Math.max(
        begin + 1,
        ...jobs.filter((job) => job.started_at).map((job) => time(job.finished_at) || now),
    );
    const path = criticalPath(jobs, now);
    const place = (at: number) => Math.min(1, Math.max(0, (at - begin) / (end - begin)));
    const bars = jobs
        .filter((job) => job.started_at)
        .map((job) => ({
            job,
            waitFrom: place(time(job.queued_at) || time(job.started_at)),
            from: place(time(job.started_at)),
            to: place(time(job.finished_at) || now),
            critical: path.has(job),
        }))
        .sort((a, b) => a.from - b.from || a.to - b.to);
    return { bars, span: end - begin, begin };
}
