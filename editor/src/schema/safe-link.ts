// Which link targets a document may hold. The server repeats the check: this one only keeps
// a mistake or a hostile paste from being written at all.

const ALLOWED = new Set(["http:", "https:", "mailto:"]);

/**
 * The target as it is stored, or null when it is not a web or mail address.
 * A bare host ("status.example.org/x") becomes https; control characters and spaces, which browsers
 * strip before they read the scheme, make it unsafe.
 */
export function safeHref(raw: string): string | null {
  const text = raw.trim();
  if (text === "" || text.length > 2048 || /[\u0000-\u0020\u007f-\u009f\u200b-\u200f\u2028-\u202e]/.test(text)) return null;
  if (/^[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+$/.test(text)) return `mailto:${text}`;
  // "host.example:8080/x" would parse as a scheme "host.example:", so hosts are recognised first.
  const withScheme = /^[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?([/?#]|$)/i.test(text) ? `https://${text}` : text;
  let url: URL;
  try {
    url = new URL(withScheme);
  } catch {
    return null;
  }
  if (!ALLOWED.has(url.protocol)) return null;
  if (url.protocol !== "mailto:" && (url.hostname === "" || url.username !== "" || url.password !== "")) return null;
  return withScheme;
}

/** True when the whole text is one web address, as one pastes it from the address bar. */
export function isWebAddress(text: string): boolean {
  return /^https?:\/\/\S+$/i.test(text.trim()) && safeHref(text) !== null;
}
