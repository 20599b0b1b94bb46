// @vitest-environment jsdom
import { expect, test } from "vitest";
import { render } from "./markdown";

function html(text: string): string {
    const box = document.createElement("div");
    box.append(render(text));
    return box.innerHTML;
}

test("Markdown becomes elements: headings, tables, lists, code", () => {
    expect(html("## Tests\n\n| a | b |\n|---|---|\n| 1 | 2 |")).toMatch(/<h2>Tests<\/h2>[^]*<td>2<\/td>/);
    expect(html("* one\n* two\n\n`code`")).toMatch(/<li>two<\/li>[^]*<code>code<\/code>/);
});

test("what could run, post, name or load something is gone, and its text stays", () => {
    const hostile = html(
        '<script>alert(1)</script><img src=x onerror=alert(1)><b onclick="a()" style="x" id="api">bold</b>' +
            '<form action="/api/v1/tokens"><input name=a></form><iframe src="/"></iframe>\n\n' +
            "[click](javascript:alert(1)) ![logo](https://elsewhere.example.org/x.png)",
    );
    expect(hostile).not.toMatch(/script|onerror|onclick|style=|id=|form|input|iframe|elsewhere|<img/);
    expect(hostile).toMatch(/<b>bold<\/b>/);
    expect(hostile).toContain("[logo]");
});

test("a link opens a page of its own, which learns nothing of this one", () => {
    expect(html("[out](https://example.org/)")).toMatch(/target="_blank" rel="noopener noreferrer nofollow"/);
});
