/* action.svelte.ts - a change that somebody asks for: busy while it runs, and what went wrong afterwards. */

import { ApiError } from "../api";
import { notices } from "./notices.svelte";

export class Action {
    busy = $state(false);

    /** Runs it once at a time. True where it was done. */
    async run(task: () => Promise<unknown>, done?: string): Promise<boolean> {
        if (this.busy) return false;
        this.busy = true;
        try {
            await task();
            if (done) notices.add(done);
            return true;
        } catch (error) {
            notices.add(error instanceof ApiError ? error.detail : "The server cannot be reached.", true);
            return false;
        } finally {
            this.busy = false;
        }
    }
}
