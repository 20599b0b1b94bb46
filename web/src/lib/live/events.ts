/* events.ts - the server's stream of events, once for all tabs.
 *
 * A browser opens six connections to a server over HTTP/1.1, and each stream holds one: so a shared worker has the stream, and tells
 * every tab. Where there is no shared worker the tab has its own. The browser reconnects with the last id, so that nothing is missed;
 * where the server no longer has what was missed it says `gap`, and the tabs read everything again. */

import type { Event, EventType } from "../api";

export type Message = { kind: "event"; event: Event } | { kind: "online"; online: boolean; again: boolean }; // again: something may have been missed

// A stream's events are named by their type, and only names that are listened for arrive: a type that is missing here is a type error.
const TYPES = Object.keys({
    "run.created": true,
    "run.state": true,
    "run.removed": true,
    "job.state": true,
    "agent.registered": true,
    "agent.state": true,
    "agent.drained": true,
    "agent.resumed": true,
    "agent.removed": true,
    "project.added": true,
    "project.state": true,
    "project.removed": true,
    "project.action_moved": true,
    "project.action_accepted": true,
    "project.visibility": true,
} satisfies Record<EventType, true>);
const RETRY_MS = [500, 1000, 2000, 5000];

/** Follows the stream until close() and reports each change of its state. */
export function follow(url: string, tell: (message: Message) => void, Source = EventSource) {
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    let opened = false; // At least once: what comes after a second time may leave a hole

    function open() {
        source = new Source(url);
        source.onopen = () => {
            failures = 0;
            tell({ kind: "online", online: true, again: opened });
            opened = true;
        };
        source.onerror = () => {
            tell({ kind: "online", online: false, again: false });
            // Closed for good: refused, or not a stream. Else the browser is already trying again.
            if (source?.readyState === Source.CLOSED) again();
        };
        for (const type of TYPES)
            source.addEventListener(type, (message) =>
                tell({ kind: "event", event: JSON.parse(message.data) }),
            );
        source.addEventListener("gap", () => tell({ kind: "online", online: true, again: true }));
    }

    function again() {
        source?.close();
        clearTimeout(timer);
        timer = setTimeout(open, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
    }

    open();
    return {
        /** At once, without waiting for the next try: the network is back, or somebody has signed in. */
        restart() {
            failures = 0;
            source?.close();
            clearTimeout(timer);
            open();
        },
        close() {
            source?.close();
            clearTimeout(timer);
        },
    };
}
