/* kind.ts - how a file of an artifact is shown, by its name; and the address of one. Pure. */

export type Kind = "page" | "image" | "text" | "none";

const KINDS: [Kind, string][] = [
    ["page", "html htm"],
    ["image", "png jpg jpeg gif webp avif bmp ico svg"],
    [
        "text",
        "txt log md csv tsv json xml yml yaml toml ini conf cfg env diff patch map css js mjs ts tsx jsx svelte vue c h cc cpp hpp rs go py rb " +
            "java kt swift sh bash zsh fish sql tap lcov info out err properties gradle cmake dockerfile lock sum mod",
    ],
];
const BARE = /^(readme|license|notice|changelog|makefile|dockerfile|version)$/i;

export function kindOf(path: string): Kind {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const dot = name.lastIndexOf(".");
    if (dot < 0) return BARE.test(name) ? "text" : "none";
    const end = name.slice(dot + 1).toLowerCase();
    return KINDS.find(([, ends]) => ends.split(" ").includes(end))?.[0] ?? "none";
}

/** Each segment encoded: a name may hold anything but a slash. */
export function pathOf(path: string): string {
    return path.split("/").map(encodeURIComponent).join("/");
}

/** What is shown first: a report's index, else the first file that can be shown. */
export function firstOf(paths: string[]): string | undefined {
    return (
        paths.find((path) => /(^|\/)index\.html?$/i.test(path)) ??
        paths.find((path) => kindOf(path) !== "none") ??
        paths[0]
    );
}
