// Who else is here: cursors in the text and names beside it. Others alternate between two colours,
// as the look has only two; the name is what tells people apart.
import { Extension } from "@tiptap/core";
import { yCursorPlugin } from "@tiptap/y-tiptap";
import type { Awareness } from "y-protocols/awareness";

export interface Person {
  id: string;
  name: string;
}

export type Tone = "a" | "b";

/** The colour of another client: by its place among the others, so that two people never share one. */
export function toneOf(client: number, others: Iterable<number>): Tone {
  const place = [...others].sort((x, y) => x - y).indexOf(client);
  return place % 2 === 0 ? "b" : "a";
}

/** Everybody present, oneself first, each person once however many pages they have open. */
export function present(states: Iterable<unknown>, me: Person): Person[] {
  const people = new Map<string, Person>([[me.id, me]]);
  for (const state of states) {
    const user = (state as { user?: Partial<Person> } | null)?.user;
    if (user && typeof user.id === "string" && typeof user.name === "string" && !people.has(user.id)) {
      people.set(user.id, { id: user.id, name: user.name.slice(0, 80) });
    }
  }
  return [...people.values()];
}

/** The letter that stands for a name where the name is beside it. */
export function initial(name: string): string {
  return ([...name.trim()][0] ?? "?").toLocaleUpperCase();
}

/** The first name: what fits beside a cursor, and what people call one another. */
export function shortName(name: string): string {
  return name.trim().split(/\s+/)[0]?.slice(0, 24) || "Somebody";
}

export const Carets = Extension.create<{ awareness: Awareness | null; me: Person }>({
  name: "carets",
  addOptions() {
    return { awareness: null, me: { id: "", name: "" } };
  },
  addProseMirrorPlugins() {
    const { awareness, me } = this.options;
    if (!awareness) return [];
    awareness.setLocalStateField("user", me);
    const tone = (client: number) => toneOf(client, [...awareness.getStates().keys()].filter((key) => key !== awareness.clientID));
    return [
      yCursorPlugin(awareness, {
        cursorBuilder: (user: Partial<Person>, client: number) => {
          const caret = document.createElement("span");
          caret.className = `caret ${tone(client)}`;
          caret.setAttribute("aria-hidden", "true");
          const label = document.createElement("i");
          label.textContent = shortName(String(user.name ?? ""));
          caret.append(label);
          return caret;
        },
        selectionBuilder: (_user: unknown, client: number) => ({ class: `chosen ${tone(client)}` }),
      }),
    ];
  },
});

/**
 * Fills `[data-presence]`. Names are shown at once; the spoken line changes at most once a minute.
 * Returns a function that stops it.
 */
export function showPresence(awareness: Awareness, me: Person, target: HTMLElement): () => void {
  const marks = document.createElement("span");
  marks.className = "marks";
  marks.setAttribute("aria-hidden", "true");
  const names = document.createElement("span");
  names.setAttribute("aria-hidden", "true");
  const spoken = document.createElement("span");
  spoken.className = "unseen";
  spoken.setAttribute("role", "status");
  target.replaceChildren(marks, names, spoken);

  let due: ReturnType<typeof setTimeout> | null = null;
  let text = "";
  const speak = () => {
    due = null;
    if (spoken.textContent === text) return;
    spoken.textContent = text;
    due = setTimeout(speak, 60_000);
  };
  const show = () => {
    const people = present(awareness.getStates().values(), me);
    const clients = [...awareness.getStates()].filter(([key]) => key !== awareness.clientID);
    const tones = new Map<string, Tone>([[me.id, "a"]]);
    for (const [client, state] of clients) {
      const id = (state as { user?: Partial<Person> } | null)?.user?.id;
      if (id !== undefined && !tones.has(id)) tones.set(id, toneOf(client, clients.map(([key]) => key)));
    }
    marks.replaceChildren(
      ...people.slice(0, 5).map((person) => {
        const mark = document.createElement("span");
        mark.className = `who ${tones.get(person.id) ?? "b"}`;
        mark.textContent = initial(person.name);
        mark.title = person.name;
        return mark;
      }),
    );
    const listed = people.map((person) => (person.id === me.id ? "You" : person.name));
    names.textContent = listed.length > 4 ? `${listed.slice(0, 3).join(", ")} and ${listed.length - 3} more` : listed.join(", ");
    text = people.length === 1 ? "Only you are here." : `Here now: ${listed.join(", ")}.`;
    if (due === null) due = setTimeout(speak, 1_000);
  };
  show();
  awareness.on("change", show);
  return () => {
    awareness.off("change", show);
    if (due !== null) clearTimeout(due);
  };
}
