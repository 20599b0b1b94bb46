import { expect, test } from "vitest";
import { browserName } from "./browser";

test("a browser is named as people name it", () => {
    expect(browserName("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe(
        "Firefox on Linux",
    );
    expect(
        browserName(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
        ),
    ).toBe("Edge on Windows");
    expect(
        browserName(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
        ),
    ).toBe("Safari on iOS");
    expect(browserName("curl/8.1")).toBe("curl/8.1");
    expect(browserName("")).toBe("A browser");
});
