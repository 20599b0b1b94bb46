/* live.svelte.ts - what changes on the server, for the components of this tab. */

import type { Event } from "../api";
import { follow, type Message } from "./events";

const TICK_MS = 1000;
const SLEPT_MS = 5000;

type Listener = (event: Event | "again") => void;

class Live {
    /** False while the server cannot be reached: pages say so, and show what they have. */
    online = $state(true);
    #listeners = new Set<Listener>();
    #restart: (() => void) | undefined;

    /** Opens the stream of this tab; returns what closes it. */
    start(): () => void {
        // What a page has read before it hears of changes may have changed already
        let heard = false;
        const receive = (message: Message) => {
            if (message.kind === "online" && message.online) {
                this.#receive({ ...message, again: message.again || !heard });
                heard = true;
            } else this.#receive(message);
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

    /** Calls back for each event, and with "again" when some may have been missed. Returns what ends it. */
    listen(listener: Listener): () => void {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
    }

    #receive(message: Message) {
        if (message.kind === "event") for (const listener of this.#listeners) listener(message.event);
        else {
            this.online = message.online;
            if (message.again) for (const listener of this.#listeners) listener("again");
        }
    }
}

export const live = new Live();
