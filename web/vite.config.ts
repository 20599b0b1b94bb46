import { sveltekit } from "@sveltejs/kit/vite";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vitest/config";

// `npm run dev` serves the pages with what is typed; the API is that of a running server.
const server = process.env.OPENCICD_URL ?? "http://127.0.0.1:8080";
const paths = ["/api", "/healthz", "/readyz", "/version", "/metrics", "/openapi.json"];

export default defineConfig({
    plugins: [tailwindcss(), sveltekit()],
    // What two pages share is one file: forty small ones cost a first visit more than the bytes that some page does not need
    build: {
        target: "es2022",
        rolldownOptions: { output: { codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] } } },
    },
    server: { proxy: Object.fromEntries(paths.map((path) => [path, { target: server }])) },
    resolve: process.env.VITEST ? { conditions: ["browser"] } : undefined,
    // Where a test wants a document its first line says so
    test: { environment: "node", include: ["src/**/*.test.ts"] },
});
