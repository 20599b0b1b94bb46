/* worker.ts - the shared worker that holds the one stream of all tabs. A tab says "bye" when it is closed; "restart" asks for a new
 * connection. What a new tab needs to know is the latest state of the connection. */

import { follow, type Message } from "./events";

const ports = new Set<MessagePort>();
let latest: Message | undefined;
let stream: ReturnType<typeof follow> | undefined;

function tellAll(message: Message) {
    if (message.kind === "online") latest = { ...message, again: false };
    for (const port of ports) port.postMessage(message);
}

(globalThis as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = (event) => {
    const port = event.ports[0];
    if (!port) return;
    ports.add(port);
    stream ??= follow("/api/v1/events?after=-1", tellAll);
    if (latest) port.postMessage(latest);
    port.onmessage = ({ data }) => {
        if (data === "restart") stream?.restart();
        if (data !== "bye") return;
        ports.delete(port);
        if (ports.size > 0) return;
        stream?.close();
        stream = latest = undefined;
    };
};
