/* browser.ts - what a browser calls itself, in the words of a person. Pure. */

const BROWSERS: [RegExp, string][] = [
    [/\bEdgA?\//, "Edge"],
    [/\bOPR\//, "Opera"],
    [/\bFirefox\//, "Firefox"],
    [/\b(HeadlessChrome|Chrome|Chromium|CriOS)\//, "Chrome"],
    [/\bSafari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
    [/\b(iPhone|iPad)\b/, "iOS"],
    [/\bAndroid\b/, "Android"],
    [/\bWindows\b/, "Windows"],
    [/\bMac OS X\b/, "macOS"],
    [/\bCrOS\b/, "ChromeOS"],
    [/\bLinux\b/, "Linux"],
];

const first = (rows: [RegExp, string][], text: string) => rows.find(([sign]) => sign.test(text))?.[1];

/** "Firefox on Linux"; what is not known is shown as it is. */
export function browserName(client: string): string {
    const browser = first(BROWSERS, client);
    const system = first(SYSTEMS, client);
    if (!browser) return client || "A browser";
    return system ? `${browser} on ${system}` : browser;
}
