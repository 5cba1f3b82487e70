// Small helps for pages that work without any of them.
import { bringAid } from "./pages/aid.ts";
import { listenForKeys, showKeys } from "./pages/keys.ts";
import { listenForMore } from "./pages/more.ts";
import { listenForOverview } from "./pages/overview.ts";
import { offerPasskeys } from "./pages/passkeys.ts";
import { listenForPalette, openPalette } from "./pages/palette.ts";
import { listenForPicking } from "./pages/picking.ts";
import { helpWithPassphrases } from "./pages/passphrases.ts";
import { followProgress } from "./pages/progress.ts";
import { followTheme, toggleTheme } from "./pages/theme.ts";
import { showTimes, tellZone } from "./pages/times.ts";
import { sendWithProgress } from "./pages/upload.ts";

async function copy(button: HTMLElement): Promise<void> {
  const before = [...button.childNodes];
  try {
    await navigator.clipboard.writeText(button.dataset["copy"] ?? "");
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not copied: the browser does not allow it";
  }
  setTimeout(() => (button.replaceChildren(...before)), 2_000);
}

document.addEventListener("click", (event) => {
  const on = (selector: string) => (event.target instanceof Element ? event.target.closest<HTMLElement>(selector) : null);
  const copied = on("[data-copy]");
  if (on("[data-theme-toggle]")) toggleTheme();
  else if (on("[data-keys-open]")) showKeys();
  else if (copied) void copy(copied);
  else if (on("[data-palette-open]") && openPalette()) event.preventDefault();
});
document.addEventListener("change", ({ target }) => {
  // On a form, or on one field of it.
  const marked = target instanceof Element ? target.closest("[data-autosubmit]") : null;
  marked?.closest("form")?.requestSubmit();
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches("[data-upload]") || event.defaultPrevented) return;
  event.preventDefault();
  sendWithProgress(form, event.submitter);
});
document.addEventListener("debrief:inserted", () => showTimes(document));

tellZone();
showTimes(document);
followTheme();
listenForKeys();
listenForOverview();
listenForMore();
listenForPalette();
listenForPicking();
followProgress();
offerPasskeys();
bringAid();
helpWithPassphrases();
