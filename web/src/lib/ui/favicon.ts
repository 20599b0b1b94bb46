/* favicon.ts - the state of what the page shows, in the tab: as shape and colour. */

import type { Status } from "../status";

const COLOURS = { good: "#1a8a4a", bad: "#cf3a2d", warn: "#b07400", busy: "#2d74d0", quiet: "#5b6472" };
const SHAPES: Partial<Record<Status["shape"], string>> = {
    check: "M4.8 8.2l2.3 2.3 4.2-4.8",
    cross: "M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2",
    stop: "M4.6 8h6.8",
    spin: "M8 4.2v4l2.8 1.6",
    wait: "M8 4.2v4l2.8 1.6",
};

/** Returns what puts the usual one back. */
export function favicon(status: Status): () => void {
    const link = document.querySelector<HTMLLinkElement>("#favicon");
    const usual = "/favicon.svg";
    const shape = SHAPES[status.shape] ?? "M6.5 5l4 3-4 3z";
    const image = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7.5" fill="${COLOURS[status.tone]}"/><path d="${shape}" fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
    if (link) link.href = `data:image/svg+xml,${encodeURIComponent(image)}`;
    return () => {
        if (link) link.href = usual;
    };
}
