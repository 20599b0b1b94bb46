/* keys.svelte.ts - everything by keyboard: one table of what keys do on this page, which `?` shows.
 *
 * A key is "j", "Shift+J", "Ctrl+k", or two in a row, "g r". While somebody types into a field, only those with Ctrl count. */

import { untrack } from "svelte";

interface Binding {
    key: string;
    text: string;
    run: () => unknown;
}

const SECOND_KEY_MS = 1200;

/** Opens the palette, also for the button that does. */
export const PALETTE = "Ctrl+k";

class Keys {
    list = $state.raw<Binding[]>([]);
    #first = "";
    #at = 0;

    /** Of the component that adds it; returns what removes it. The latest of one key wins. */
    add(key: string, text: string, run: () => unknown): () => void {
        const binding = { key, text, run };
        // Effects add keys: they must not run again because others do
        untrack(() => (this.list = [...this.list, binding]));
        return () => untrack(() => (this.list = this.list.filter((one) => one !== binding)));
    }

    run(key: string) {
        this.list.findLast((binding) => binding.key === key)?.run();
    }

    press = (event: KeyboardEvent) => {
        const field =
            event.target instanceof HTMLElement &&
            event.target.closest("input, textarea, select, [contenteditable]");
        if (event.defaultPrevented || event.altKey || (field && !event.ctrlKey && !event.metaKey)) return;
        const one = (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + event.key;
        const two = event.timeStamp - this.#at < SECOND_KEY_MS ? `${this.#first} ${one}` : "";
        const found =
            this.list.findLast((binding) => binding.key === two) ??
            this.list.findLast((binding) => binding.key === one);
        this.#first = one;
        this.#at = event.timeStamp;
        if (!found) return;
        event.preventDefault();
        this.#first = "";
        found.run();
    };
}

export const keys = new Keys();
