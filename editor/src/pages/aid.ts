// The aid comes with the first field that it reads, so that pages without one do not pay for it.

export function bringAid(): void {
  const { aidScript, aidStyle } = document.body.dataset;
  if (!aidScript || !aidStyle) return;
  const bring = ({ target }: { target: EventTarget | null }) => {
    if (!(target instanceof Element) || !target.matches("[data-aid]")) return;
    removeEventListener("focusin", bring);
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = aidStyle;
    document.head.append(style);
    // Without it the page asks after saving.
    import(aidScript).catch(() => undefined);
  };
  addEventListener("focusin", bring);
  bring({ target: document.activeElement });
}
