import svelte from "eslint-plugin-svelte";
import ts from "typescript-eslint";
import config from "./svelte.config.js";

export default ts.config(
    { ignores: [".svelte-kit/", "src/lib/api/schema.d.ts"] },
    ...ts.configs.recommended,
    ...svelte.configs.recommended,
    {
        files: ["**/*.svelte", "**/*.svelte.ts"],
        languageOptions: {
            parserOptions: { parser: ts.parser, extraFileExtensions: [".svelte"], svelteConfig: config },
        },
    },
    {
        rules: {
            // The pages are at the root of their server: there is no base to resolve against
            "svelte/no-navigation-without-resolve": "off",
            "svelte/no-at-html-tags": "error",
        },
    },
);
