/* change.ts - what an administrator may do with an agent. */

import { api, type Agent } from "../api";

/** Drains it, or gives it jobs again. */
export function setDrained(agent: Pick<Agent, "id">, drained: boolean) {
    const params = { path: { agent: agent.id } };
    return drained
        ? api.POST("/agents/{agent}/drain", { params })
        : api.POST("/agents/{agent}/resume", { params });
}

export const DRAINED = "It gets no other job. The one that it has goes on.";
export const RESUMED = "It gets jobs again.";
