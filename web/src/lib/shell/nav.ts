/* nav.ts - where one can go, in the order of the sidebar; `key` after g goes there. */

export interface Place {
    href: string;
    text: string;
    key: string;
    icon: string; // Path data of a 16 px line icon
}

export const places: Place[] = [
    {
        href: "/",
        text: "Home",
        key: "h",
        icon: "M2.5 7.2L8 2.5l5.5 4.7V13a.5.5 0 0 1-.5.5H9.8V9.6H6.2v3.9H3a.5.5 0 0 1-.5-.5z",
    },
    { href: "/runs", text: "Runs", key: "r", icon: "M3 4h10M3 8h10M3 12h6M12 10.5l2.5 1.5-2.5 1.5z" },
    {
        href: "/projects",
        text: "Projects",
        key: "p",
        icon: "M2.5 4.5h4l1.3 1.6h5.7v6.4a.5.5 0 0 1-.5.5H3a.5.5 0 0 1-.5-.5z",
    },
    { href: "/queue", text: "Queue", key: "q", icon: "M3 3.5h10v3H3zM4.5 9h7M6 12.5h4" },
    { href: "/agents", text: "Agents", key: "a", icon: "M3 3h10v4H3zM3 9h10v4H3zM5.5 5h.01M5.5 11h.01" },
    {
        href: "/settings",
        text: "Settings",
        key: "s",
        icon: "M8 5.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8zM8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6l1.4 1.4M11 11l1.4 1.4M12.4 3.6L11 5M5 11l-1.4 1.4",
    },
];

export function isHere(href: string, path: string): boolean {
    if (href === "/") return path === "/";
    if (href === "/runs" && path.startsWith("/jobs/")) return true;
    return path === href || path.startsWith(`${href}/`);
}
