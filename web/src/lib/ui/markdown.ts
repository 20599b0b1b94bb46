/* markdown.ts - Markdown to elements, loaded where there is some. What DOMPurify lets pass is narrowed further: no forms, no styles, no names that
 * scripts could meet, and no picture from elsewhere, which the page's policy would refuse anyway: its text stays. */

import DOMPurify from "dompurify";
import { marked } from "marked";

const purifier = DOMPurify(window);
purifier.addHook("afterSanitizeAttributes", (node) => {
    if (node instanceof HTMLAnchorElement) {
        node.target = "_blank";
        node.rel = "noopener noreferrer nofollow";
    }
    if (node instanceof HTMLImageElement && !/^data:image\//.test(node.getAttribute("src") ?? ""))
        node.replaceWith(node.alt ? `[${node.alt}]` : "");
});

// DOMPurify drops them too, but what it parses has the page's policy, which would then be reported as broken.
const HANDLER = /\son\w+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi;

export function render(text: string): DocumentFragment {
    const html = marked.parse(text, { gfm: true, breaks: false, async: false });
    return purifier.sanitize(
        html.replace(/<[^>]*>/g, (tag) => tag.replace(HANDLER, "")),
        {
            RETURN_DOM_FRAGMENT: true,
            USE_PROFILES: { html: true },
            FORBID_TAGS: [
                "form",
                "input",
                "button",
                "select",
                "textarea",
                "style",
                "video",
                "audio",
                "dialog",
            ],
            FORBID_ATTR: ["style", "class", "id", "name", "srcset", "popover", "popovertarget"],
            ALLOW_DATA_ATTR: false,
        },
    );
}
