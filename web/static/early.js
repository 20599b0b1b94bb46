/* early.js - what need not wait for the scripts of a page: its colours, before the first paint; and its own files and first answers, asked for
 * while the scripts are on their way. src/lib/api/early.ts takes the answers. */
{
    // What this browser's user chose, if not the system's colours
    try {
        const theme = localStorage.getItem("theme");
        if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    } catch {
        // No storage: the system's
    }

    /** @type {[RegExp, string[]][]} The files of each route, which the build writes here. */
    const routes = [];
    const [, files = []] = routes.find(([pattern]) => pattern.test(location.pathname)) ?? [];
    for (const href of files) {
        const link = document.createElement("link");
        if (href.endsWith(".css"))
            Object.assign(link, { rel: "preload", as: "style", crossOrigin: "", href });
        else Object.assign(link, { rel: "modulepreload", href });
        document.head.append(link);
    }

    const answers = [
        [/^\/$/, "/overview"],
        [/^\/runs$/, "/runs?limit=52"],
        [/^\/(?:runs|jobs|projects|agents)\/[^/]+$/, location.pathname],
    ].filter(([path]) => path.test(location.pathname) && !location.search);
    const paths = location.pathname === "/sign-in" ? [] : ["/session", ...answers.map(([, path]) => path)];
    window.early = new Map(
        paths.map((path) => {
            const answer = fetch(`/api/v1${path}`);
            answer.catch(() => {}); // Whoever takes it hears of it
            return [`/api/v1${path}`, answer];
        }),
    );
}
