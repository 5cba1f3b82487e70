// The list that opens at the cursor, for "/" and "@". Focus stays in the text: the list is steered by
// aria-activedescendant, as the combobox pattern asks.
import { icon } from "./icon.ts";

export interface Choice {
  /** Shown in the list. */
  label: string;
  /** Second voice, behind the label: a time, a shortcut. */
  detail?: string;
  icon: string;
  /** Heading above the first choice of a group. */
  group: string;
  choose(): void;
}

/** The lower edge of what can be seen, in window coordinates: above a phone's keyboard where one is open. */
export function visibleBottom(): number {
  return visualViewport ? Math.min(innerHeight, visualViewport.offsetTop + visualViewport.height) : innerHeight;
}

let lists = 0;

export class Listbox {
  readonly dom = document.createElement("div");
  private readonly list = document.createElement("div");
  private readonly words = document.createElement("p");
  private readonly id = `choices-${++lists}`;
  private choices: Choice[] = [];
  private at = 0;

  /** @param field the text field that keeps the focus */
  constructor(private readonly field: HTMLElement, label: string) {
    this.dom.className = "choices";
    this.dom.hidden = true;
    // Scrolls, so a keyboard must be able to reach it; in practice Tab chooses before it could.
    this.dom.tabIndex = 0;
    this.list.id = this.id;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", label);
    this.words.className = "choices-words";
    this.words.setAttribute("role", "status");
    this.dom.append(this.list, this.words);
    // A press must not take the focus out of the text.
    this.dom.addEventListener("pointerdown", (event) => event.preventDefault());
    this.dom.addEventListener("click", (event) => {
      const option = event.target instanceof Element ? event.target.closest<HTMLElement>("[role=option]") : null;
      if (option) this.choices[Number(option.dataset["at"])]?.choose();
    });
  }

  get open(): boolean {
    return !this.dom.hidden;
  }

  /** @param words says what the list itself can't: that nothing fits, or that it is on its way */
  show(choices: Choice[], words: string, near: { left: number; top: number; bottom: number }): void {
    this.choices = choices;
    this.at = Math.min(this.at, Math.max(0, choices.length - 1));
    const parts: HTMLElement[] = [];
    let group: HTMLElement | null = null;
    choices.forEach((choice, index) => {
      if (group === null || group.getAttribute("aria-label") !== choice.group) {
        group = document.createElement("div");
        group.setAttribute("role", "group");
        group.setAttribute("aria-label", choice.group);
        const head = document.createElement("p");
        head.setAttribute("aria-hidden", "true");
        head.textContent = choice.group;
        group.append(head);
        parts.push(group);
      }
      group.append(this.option(choice, index));
    });
    this.list.replaceChildren(...parts);
    this.list.hidden = choices.length === 0;
    this.words.textContent = words;
    this.words.classList.toggle("unseen", choices.length > 0);
    this.dom.hidden = false;
    this.place(near);
    this.mark();
  }

  close(): void {
    if (!this.open) return;
    this.dom.hidden = true;
    this.at = 0;
    this.field.removeAttribute("aria-activedescendant");
    this.field.removeAttribute("aria-controls");
  }

  /** True when the key was the list's to handle. */
  key(event: KeyboardEvent): boolean {
    if (!this.open || this.choices.length === 0 || event.ctrlKey || event.metaKey || event.altKey) return false;
    const last = this.choices.length - 1;
    switch (event.key) {
      case "ArrowDown":
        this.at = this.at === last ? 0 : this.at + 1;
        break;
      case "ArrowUp":
        this.at = this.at === 0 ? last : this.at - 1;
        break;
      case "Enter":
      case "Tab":
        if (event.shiftKey) return false;
        this.choices[this.at]?.choose();
        return true;
      default:
        return false;
    }
    this.mark();
    return true;
  }

  reset(): void {
    this.at = 0;
  }

  private option(choice: Choice, index: number): HTMLElement {
    const option = document.createElement("div");
    option.id = `${this.id}-${index}`;
    option.setAttribute("role", "option");
    option.dataset["at"] = String(index);
    const label = document.createElement("span");
    label.textContent = choice.label;
    option.append(icon(choice.icon), label);
    if (choice.detail) {
      const detail = document.createElement("small");
      detail.textContent = choice.detail;
      option.append(detail);
    }
    return option;
  }

  private mark(): void {
    for (const option of this.list.querySelectorAll<HTMLElement>("[role=option]")) {
      const chosen = Number(option.dataset["at"]) === this.at;
      option.setAttribute("aria-selected", String(chosen));
      if (chosen) {
        option.scrollIntoView({ block: "nearest" });
        this.field.setAttribute("aria-controls", this.id);
        this.field.setAttribute("aria-activedescendant", option.id);
      }
    }
    if (this.choices.length === 0) this.field.removeAttribute("aria-activedescendant");
  }

  /** Below the cursor where there is room, else above it; never over the window's edge. */
  private place(near: { left: number; top: number; bottom: number }): void {
    const { width, height } = this.dom.getBoundingClientRect();
    const below = near.bottom + 6;
    const top = below + height > visibleBottom() - 8 && near.top - height - 6 > 8 ? near.top - height - 6 : below;
    this.dom.style.left = `${Math.max(8, Math.min(near.left, document.documentElement.clientWidth - width - 8))}px`;
    this.dom.style.top = `${top}px`;
  }
}
