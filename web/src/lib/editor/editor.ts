/* editor.ts - the editor of workflow files: CodeMirror, loaded on demand.
 *
 * It lives in a shadow root, because there CodeMirror's styles are sheets made by script, which the page's policy allows; a style element would be
 * refused. */

import { autocompletion, completionKeymap, type CompletionContext } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import {
    bracketMatching,
    HighlightStyle,
    indentOnInput,
    indentUnit,
    syntaxHighlighting,
} from "@codemirror/language";
import { lintGutter, linter, lintKeymap, type Diagnostic } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { complete, type Schema } from "./complete";
import tables from "./completion.json";
import { completeExpression, completeWith, type Tables } from "./expression";
import schema from "./workflow.schema.json";

export interface Finding {
    line: number;
    column: number;
    error: boolean;
    rule: string;
    message: string;
}
export interface EditorOptions {
    text: string;
    check: (text: string) => Promise<Finding[]>;
    onchange: (text: string) => void;
}

const CHECK_MS = 350;

const theme = EditorView.theme({
    "&": {
        height: "100%",
        color: "var(--color-ink)",
        backgroundColor: "var(--color-surface)",
        fontSize: "13px",
    },
    "&.cm-focused": { outline: "none" },
    ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.55" },
    ".cm-content": { caretColor: "var(--color-ink)" },
    ".cm-cursor": { borderLeftColor: "var(--color-ink)" },
    ".cm-gutters": { backgroundColor: "var(--color-surface)", color: "var(--color-faint)", border: "none" },
    ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--color-raised) 55%, transparent)" },
    "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
        backgroundColor: "color-mix(in srgb, var(--color-accent) 22%, transparent) !important",
    },
    ".cm-tooltip": {
        backgroundColor: "var(--color-surface)",
        color: "var(--color-ink)",
        border: "1px solid var(--color-strong)",
        borderRadius: "6px",
    },
    ".cm-tooltip-autocomplete ul li[aria-selected]": {
        backgroundColor: "var(--color-raised)",
        color: "var(--color-ink)",
    },
    ".cm-completionDetail": { color: "var(--color-muted)", fontStyle: "normal" },
    ".cm-diagnostic": { fontFamily: "var(--font-sans)", fontSize: "12px" },
});

const colours = HighlightStyle.define([
    { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--color-accent)" },
    { tag: tags.string, color: "var(--color-ink)" },
    { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: "var(--color-busy)" },
    { tag: [tags.comment, tags.lineComment], color: "var(--color-faint)", fontStyle: "italic" },
    { tag: [tags.labelName, tags.typeName], color: "var(--color-warn)" },
]);

/** Inside of an expression what it may name, then the inputs of an action, else keys and values. */
function offer(context: CompletionContext) {
    const { doc } = context.state;
    const line = doc.lineAt(context.pos);
    const lines = doc.toString().split("\n");
    const column = context.pos - line.from;
    const known = tables as unknown as Tables;
    const expression = completeExpression(known, lines, line.number - 1, column);
    const found =
        expression ??
        completeWith(known, lines, line.number - 1, column) ??
        complete(schema as unknown as Schema, lines.slice(0, line.number), column);
    const before = line.text.slice(0, column);
    const opens = expression ? /[\w.]$|\$\{\{ ?$/ : /:\s$|- $/;
    if (!found || (!context.explicit && column === found.from && !opens.test(before))) return null;
    return {
        from: line.from + found.from,
        validFor: /^[\w-]*$/,
        options: found.choices.map(({ label, detail, key, call }) => ({
            label,
            detail,
            apply: key ? `${label}: ` : call ? `${label}(` : label,
            type: key ? "property" : "enum",
        })),
    };
}

function diagnosticsOf(state: EditorState, findings: Finding[]): Diagnostic[] {
    return findings.map(({ line, column, error, rule, message }) => {
        const row = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
        const from = Math.min(row.from + Math.max(column, 1) - 1, row.to);
        const word = /^[\w.-]+/.exec(state.doc.sliceString(from, row.to))?.[0].length ?? 0;
        return {
            from,
            to: Math.min(from + Math.max(word, 1), row.to),
            severity: error ? "error" : "warning",
            source: rule,
            message,
        };
    });
}

export function makeEditor(host: HTMLElement, { text, check, onchange }: EditorOptions) {
    const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    root.replaceChildren();
    const view = new EditorView({
        root,
        parent: root,
        state: EditorState.create({
            doc: text,
            extensions: [
                lineNumbers(),
                lintGutter(),
                history(),
                drawSelection(),
                highlightActiveLine(),
                indentOnInput(),
                indentUnit.of("  "),
                bracketMatching(),
                yaml(),
                syntaxHighlighting(colours),
                autocompletion({ override: [offer], icons: false }),
                linter(async (of) => diagnosticsOf(of.state, await check(of.state.doc.toString())), {
                    delay: CHECK_MS,
                }),
                keymap.of([
                    ...completionKeymap,
                    ...lintKeymap,
                    ...historyKeymap,
                    ...defaultKeymap,
                    indentWithTab,
                ]),
                EditorView.contentAttributes.of({ "aria-label": "Workflow file" }),
                EditorView.updateListener.of((update) => {
                    if (update.docChanged) onchange(update.state.doc.toString());
                }),
                theme,
            ],
        }),
    });
    view.scrollDOM.tabIndex = 0; // It scrolls, also by keyboard
    return {
        destroy: () => view.destroy(),
        /** To a line, which comes into view. */
        go(line: number) {
            const row = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
            view.dispatch({
                selection: { anchor: row.from },
                effects: EditorView.scrollIntoView(row.from, { y: "center" }),
            });
            view.focus();
        },
    };
}
