/* clock.svelte.ts - now, as the page shows it: one timer for all that counts. */

class Clock {
    now = $state(Date.now());
    #users = 0;
    #timer: ReturnType<typeof setInterval> | undefined;

    /** Ticks once a second while anybody watches. Returns what ends it. */
    watch(): () => void {
        if (this.#users++ === 0) {
            this.now = Date.now();
            this.#timer = setInterval(() => (this.now = Date.now()), 1000);
        }
        return () => {
            if (--this.#users === 0) clearInterval(this.#timer);
        };
    }
}

export const clock = new Clock();
