// "@": people and events of the timeline, found by the server.
import type { Choice } from "./listbox.ts";
import type { Source } from "./trigger.ts";

export interface Found {
  people: { id: string; name: string }[];
  events: { id: string; at: string; label: string }[];
}

/** Takes what it understands from an answer and leaves the rest. */
export function readFound(value: unknown): Found {
  const object = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  const rows = (name: string) => (Array.isArray(object[name]) ? (object[name] as unknown[]) : []).filter((row): row is Record<string, unknown> => typeof row === "object" && row !== null);
  const text = (row: Record<string, unknown>, name: string) => (typeof row[name] === "string" ? row[name] : "");
  return {
    people: rows("people").map((row) => ({ id: text(row, "id"), name: text(row, "name") })).filter(({ id, name }) => id !== "" && name !== ""),
    events: rows("events").map((row) => ({ id: text(row, "id"), at: text(row, "at"), label: text(row, "label") })).filter(({ id, label }) => id !== "" && label !== ""),
  };
}

/** @param address answers `?q=…` with JSON as in {@link Found}; @param clock writes an instant as a time of day */
export function mentionSource(address: string, clock: (at: Date) => string): Source {
  const pause = (signal: AbortSignal) =>
    new Promise<void>((go, stop) => {
      const timer = setTimeout(go, 100);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        stop(signal.reason);
      });
    });
  return {
    char: "@",
    label: "People and events",
    nothing: "Nobody and nothing by that name. What you typed stays as text.",
    async find(query, range, editor, signal) {
      await pause(signal);
      const asked = new URL(address, location.href);
      asked.searchParams.set("q", query);
      const answer = await fetch(asked, { signal, headers: { accept: "application/json" }, credentials: "same-origin" });
      if (!answer.ok) throw new Error(`mentions: ${answer.status}`);
      const found = readFound(await answer.json());
      const put = (type: string, id: string, label: string) => () =>
        editor.chain().focus().deleteRange(range).insertContent([{ type, attrs: { id, label } }, { type: "text", text: " " }]).run();
      const people: Choice[] = found.people.slice(0, 8).map(({ id, name }) => ({ label: name, icon: "at-sign", group: "People", choose: put("personMention", id, name) }));
      const events: Choice[] = found.events.slice(0, 8).map(({ id, at, label }) => {
        const instant = new Date(at);
        const detail = Number.isNaN(instant.getTime()) ? {} : { detail: clock(instant) };
        return { label, ...detail, icon: "clock", group: "Events", choose: put("eventMention", id, label) };
      });
      return [...people, ...events];
    },
  };
}
