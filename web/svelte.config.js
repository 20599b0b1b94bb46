import adapter from "@sveltejs/adapter-static";

// Pages are files: the server sends index.html for every path that a browser opens, and the page asks the API for the rest.
/** @type {import("@sveltejs/kit").Config} */
export default {
    kit: {
        adapter: adapter({
            pages: process.env.OPENCICD_WEB_OUT ?? "../build/web",
            fallback: "index.html",
            precompress: true,
        }),
        csp: {
            mode: "hash",
            directives: {
                "default-src": ["none"],
                "script-src": ["self"],
                "style-src": ["self"],
                "style-src-attr": ["unsafe-inline"], // Widths and positions that are computed
                "img-src": ["self", "data:"],
                "font-src": ["self"],
                "connect-src": ["self"],
                "worker-src": ["self"],
                "frame-src": ["self"],
                "manifest-src": ["self"],
                "form-action": ["self"],
                "base-uri": ["none"],
            },
        },
        output: { bundleStrategy: "split" },
        version: { pollInterval: 0 },
    },
};
