/* status.ts - the one look of each state: a word, a shape and a tone. Never the tone alone. */

export type Tone = "good" | "bad" | "warn" | "busy" | "quiet";
export type Shape = "check" | "cross" | "stop" | "skip" | "spin" | "wait" | "dot" | "warning";
export interface Status {
    word: string;
    shape: Shape;
    tone: Tone;
}

const RESULTS: Record<string, Status> = {
    success: { word: "Succeeded", shape: "check", tone: "good" },
    failure: { word: "Failed", shape: "cross", tone: "bad" },
    cancelled: { word: "Cancelled", shape: "stop", tone: "warn" },
    skipped: { word: "Skipped", shape: "skip", tone: "quiet" },
};

const STATES: Record<string, Status> = {
    pending: { word: "Pending", shape: "wait", tone: "quiet" },
    queued: { word: "Queued", shape: "wait", tone: "quiet" },
    assigned: { word: "Starting", shape: "spin", tone: "busy" },
    running: { word: "Running", shape: "spin", tone: "busy" },
    cancelling: { word: "Cancelling", shape: "spin", tone: "warn" },
    idle: { word: "Idle", shape: "dot", tone: "good" },
    busy: { word: "Busy", shape: "spin", tone: "busy" },
    offline: { word: "Offline", shape: "stop", tone: "quiet" },
    draining: { word: "Draining", shape: "warning", tone: "warn" },
    ready: { word: "Ready", shape: "check", tone: "good" },
    cloning: { word: "Cloning", shape: "spin", tone: "busy" },
    failed: { word: "Failed", shape: "cross", tone: "bad" },
};

/** Of a run, a job, a step, an agent, a project. A newer server's state is shown by its own name. */
export function statusOf(state?: string | null, result?: string | null): Status {
    const known = (result && RESULTS[result]) || (state && STATES[state]);
    return known || { word: result || state || "Unknown", shape: "dot", tone: "quiet" };
}
