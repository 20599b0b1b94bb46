/* clipboard.ts - puts text into the clipboard, also where the page came over plain HTTP: browsers then have no navigator.clipboard. */

import { notices } from "./notices.svelte";

function copyBySelection(text: string): boolean {
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("readonly", "");
    area.style.position = "fixed";
    area.style.opacity = "0";
    // Within a dialog, else it cannot be selected
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
}

/** Says what was copied, or that the browser refuses. */
export async function copyText(text: string, done = "It is copied."): Promise<void> {
    let copied: boolean;
    try {
        await navigator.clipboard.writeText(text);
        copied = true;
    } catch {
        copied = copyBySelection(text);
    }
    notices.add(copied ? done : "The browser refuses to copy.", !copied);
}
