/* notices.svelte.ts - what was done, or was not, in a corner of the page for some seconds. */

const SHOWN_MS = 5000;
const MOST = 3;

export interface Notice {
    id: number;
    text: string;
    bad: boolean;
}

class Notices {
    list = $state<Notice[]>([]);
    #next = 1;

    add(text: string, bad = false) {
        const id = this.#next++;
        this.list = [...this.list, { id, text, bad }].slice(-MOST);
        setTimeout(() => this.close(id), bad ? 2 * SHOWN_MS : SHOWN_MS);
    }

    close(id: number) {
        this.list = this.list.filter((notice) => notice.id !== id);
    }
}

export const notices = new Notices();
