// Light and dark. The choice goes into a cookie, so that the server writes it into the page and nothing flashes.

export function toggleTheme(): void {
  const root = document.documentElement;
  const dark = root.dataset["theme"] ? root.dataset["theme"] === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const next = dark ? "light" : "dark";
  root.dataset["theme"] = next;
  document.cookie = `theme=${next}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  try {
    localStorage.setItem("theme", next);
  } catch {
    // Without storage the cookie is enough; other open pages then follow on their next load.
  }
}

/** Other open pages follow at once. */
export function followTheme(): void {
  addEventListener("storage", ({ key, newValue }) => {
    if (key === "theme" && (newValue === "light" || newValue === "dark")) document.documentElement.dataset["theme"] = newValue;
  });
}
