// Before the first paint: what this browser's user chose, if not the system's.
try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
    // No storage: the system's
}
