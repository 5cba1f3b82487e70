// Lines under words of a plain field. A browser draws none there, so the words stand a second time, without ink, exactly
// over the field's own, and only their lines show. The layer takes no press and is nothing to a screen reader.
import type { Placed } from "./finding.ts";
import { cut } from "./stretches.ts";

/** Whatever decides where a word stands. */
const COPIED = [
  "font-family", "font-size", "font-weight", "font-style", "font-stretch", "font-kerning", "font-variant-ligatures", "font-variant-numeric",
  "font-feature-settings", "font-optical-sizing", "letter-spacing", "word-spacing", "line-height", "text-indent", "text-transform", "text-align",
  "text-rendering", "tab-size", "direction", "word-break", "line-break", "overflow-wrap", "hyphens", "text-wrap", "white-space-collapse",
  "padding-top", "padding-right", "padding-bottom", "padding-left",
  "border-top-width", "border-right-width", "border-bottom-width", "border-left-width",
];

export type TextField = HTMLTextAreaElement | HTMLInputElement;

export class Layer {
  private readonly sheet = document.createElement("div");
  private readonly words = document.createElement("div");
  private at = { left: 0, top: 0 };
  private spans = new Map<Placed, HTMLElement>();

  constructor(private readonly field: TextField) {
    this.sheet.className = "aid-layer";
    this.sheet.setAttribute("aria-hidden", "true");
    this.sheet.append(this.words);
    (field.closest("label") ?? field).after(this.sheet);
    const follow = () => this.scroll();
    field.addEventListener("scroll", follow, { passive: true });
    // A field of one line moves its words without saying so.
    for (const sign of ["keyup", "select", "pointerup"]) field.addEventListener(sign, follow);
    const sizes = new ResizeObserver(() => this.fit());
    sizes.observe(field);
    // Whatever grows elsewhere may move the field.
    sizes.observe(document.body);
    addEventListener("resize", () => this.fit());
    void document.fonts.ready.then(() => this.fit());
  }

  /** Draws the lines of these marks, under these words. */
  draw(text: string, placed: Placed[]): void {
    this.spans = new Map();
    this.sheet.hidden = placed.length === 0;
    if (placed.length === 0) {
      this.words.replaceChildren();
      return;
    }
    this.words.replaceChildren(
      ...cut(text, placed).map(({ words, of }) => {
        if (!of) return document.createTextNode(words);
        const span = document.createElement("span");
        span.className = `aid-mark aid-${of.mark.strength}`;
        span.textContent = words;
        this.spans.set(of, span);
        return span;
      }),
    );
    this.fit();
  }

  /** Where a mark stands on the screen, within its field. */
  place(placed: Placed): { left: number; top: number; bottom: number } {
    const field = this.field.getBoundingClientRect();
    const mark = this.spans.get(placed)?.getBoundingClientRect() ?? field;
    const inside = (y: number) => Math.max(field.top, Math.min(field.bottom, y));
    return { left: Math.max(field.left, Math.min(field.right, mark.left)), top: inside(mark.top), bottom: inside(mark.bottom) };
  }

  /** Brings the layer over the field, with the same room for words. */
  private fit(): void {
    if (this.sheet.hidden) return;
    const { field, sheet, words } = this;
    const looks = getComputedStyle(field);
    for (const name of COPIED) sheet.style.setProperty(name, looks.getPropertyValue(name));
    const rect = field.getBoundingClientRect();
    sheet.style.width = `${rect.width}px`;
    sheet.style.height = `${rect.height}px`;
    const px = (name: string) => Number.parseFloat(looks.getPropertyValue(name)) || 0;
    const bar = field.offsetWidth - field.clientWidth - px("border-left-width") - px("border-right-width");
    if (bar > 0) sheet.style.paddingRight = `${px("padding-right") + bar}px`;
    const oneLine = field instanceof HTMLInputElement;
    words.style.whiteSpace = oneLine ? "pre" : "pre-wrap";
    // A field of one line has it in its middle.
    words.style.lineHeight = oneLine ? `${field.clientHeight - px("padding-top") - px("padding-bottom")}px` : "inherit";
    const now = sheet.getBoundingClientRect();
    this.at = { left: this.at.left + rect.left - now.left, top: this.at.top + rect.top - now.top };
    sheet.style.left = `${this.at.left}px`;
    sheet.style.top = `${this.at.top}px`;
    this.scroll();
  }

  private scroll(): void {
    this.words.style.transform = `translate(${-this.field.scrollLeft}px, ${-this.field.scrollTop}px)`;
  }
}
