/* live.svelte.ts - what changes on the server, for the components of this tab. */

import type { Event } from "../api";
import { follow, type Message } from "./events";

const TICK_MS = 1000;
const SLEPT_MS = 5000;

/** "again": some may have been missed. "begin": the stream is there; what was read before it may have changed since. */
type Listener = (event: Event | "again" | "begin") => void;

class Live {
    /** False while the server cannot be reached: pages say so, and show what they have. */
    online = $state(true);
    #listeners = new Set<Listener>();
    #restart: (() => void) | undefined;

    /** Opens the stream of this tab; returns what closes it. */
    start(): () => void {
        let heard = false;
        const receive = (message: Message) => {
            this.#receive(message);
            if (message.kind !== "online" || !message.online || heard) return;
            heard = true;
            if (!message.again) this.#tell("begin");
        };
        let stop: () => void;
        if (typeof SharedWorker === "function") {
            const { port } = new SharedWorker(new URL("./worker.ts", import.meta.url), { type: "module" });
            port.onmessage = ({ data }) => receive(data);
            this.#restart = () => port.postMessage("restart");
            stop = () => port.postMessage("bye");
        } else {
            const stream = follow("/api/v1/events?after=-1", receive);
            this.#restart = () => stream.restart();
            stop = () => stream.close();
        }
        const wake = () => document.visibilityState === "visible" && !this.online && this.#restart?.();
        // A machine that slept has a stream that nobody may have ended: its clock has jumped
        let ticked = Date.now();
        const timer = setInterval(() => {
            const slept = Date.now() - ticked > SLEPT_MS;
            ticked = Date.now();
            if (slept && document.visibilityState === "visible") this.#restart?.();
        }, TICK_MS);
        addEventListener("online", wake);
        addEventListener("pagehide", stop);
        document.addEventListener("visibilitychange", wake);
        return () => {
            clearInterval(timer);
            removeEventListener("online", wake);
            removeEventListener("pagehide", stop);
            document.removeEventListener("visibilitychange", wake);
            stop();
        };
    }

    /** Calls back for each event. Returns what ends it. */
    listen(listener: Listener): () => void {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
    }

    #tell(event: Parameters<Listener>[0]) {
        for (const listener of this.#listeners) listener(event);
    }

    #receive(message: Message) {
        if (message.kind === "event") return this.#tell(message.event);
        this.online = message.online;
        if (message.again) this.#tell("again");
    }
}

export const live = new Live();
