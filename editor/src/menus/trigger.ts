// Notices that somebody types a word that opens a list ("/table", "@mir") and keeps that list in step.
import { type Editor, Extension } from "@tiptap/core";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { type Choice, Listbox } from "./listbox.ts";
import { matchTrigger } from "./match-trigger.ts";

export interface Range {
  from: number;
  to: number;
}

export interface Source {
  char: "/" | "@";
  label: string;
  /** Said when a query has no answer. */
  nothing: string;
  /** Answers in the order in which they are shown. May be asked again before it has answered. */
  find(query: string, range: Range, editor: Editor, signal: AbortSignal): Choice[] | Promise<Choice[]>;
}

interface Match extends Range {
  char: Source["char"];
  query: string;
}

interface TriggerState {
  match: Match | null;
  /** Where a list was closed by Escape; it stays closed while that trigger is there. */
  dismissed: number | null;
}

const key = new PluginKey<TriggerState>("trigger");

export const Triggers = Extension.create<{ sources: Source[]; host: HTMLElement | null }>({
  name: "triggers",
  // Before every other handler of Enter and the arrows.
  priority: 2000,

  addOptions() {
    return { sources: [], host: null };
  },

  addProseMirrorPlugins() {
    const { sources, host } = this.options;
    const editor = this.editor;
    let list: Listbox | null = null;
    let active: Source | null = null;

    return [
      new Plugin<TriggerState>({
        key,
        state: {
          init: () => ({ match: null, dismissed: null }),
          apply(tr, before, _old, state) {
            const mapped = before.dismissed === null ? null : tr.mapping.map(before.dismissed);
            const { $from, empty } = state.selection;
            if (tr.getMeta(key) === "dismiss") return { match: null, dismissed: before.match?.from ?? null };
            if (!empty || !$from.parent.isTextblock || $from.parent.type.spec.code) return { match: null, dismissed: mapped };
            // Only typing opens a list; a cursor that passes through old text does not.
            if (before.match === null && (!tr.docChanged || tr.getMeta("y-sync$"))) return { match: null, dismissed: mapped };
            const text = $from.parent.textBetween(Math.max(0, $from.parentOffset - 60), $from.parentOffset, "\n", "\ufffc");
            const found = matchTrigger(text);
            const source = found && sources.find(({ char }) => char === found.char);
            if (!found || !source) return { match: null, dismissed: null };
            const from = $from.pos - found.length;
            if (from === mapped) return { match: null, dismissed: mapped };
            return { match: { char: found.char, query: found.query, from, to: $from.pos }, dismissed: null };
          },
        },
        props: {
          handleKeyDown(view, event) {
            if (!key.getState(view.state)?.match) return false;
            if (event.key === "Escape") {
              view.dispatch(view.state.tr.setMeta(key, "dismiss"));
              return true;
            }
            return list?.key(event) ?? false;
          },
          handleDOMEvents: {
            blur(view) {
              if (key.getState(view.state)?.match) view.dispatch(view.state.tr.setMeta(key, "dismiss"));
              return false;
            },
          },
        },
        view(view) {
          let asking: AbortController | null = null;
          const close = () => {
            asking?.abort();
            list?.dom.remove();
            list?.close();
            list = null;
            active = null;
          };
          const ask = async (match: Match, source: Source) => {
            asking?.abort();
            const mine = (asking = new AbortController());
            const box = list;
            if (!box) return;
            const near = () => {
              const { left, top, bottom } = view.coordsAtPos(Math.min(match.from, view.state.doc.content.size));
              return { left, top, bottom };
            };
            const late = setTimeout(() => !mine.signal.aborted && box.show([], "Looking…", near()), 400);
            try {
              const range = { from: match.from, to: match.to };
              const choices = await source.find(match.query, range, editor, mine.signal);
              if (mine.signal.aborted || list !== box) return;
              // A long query that fits nothing is a sentence, not a search.
              if (choices.length === 0 && /\s/.test(match.query)) box.close();
              else box.show(choices, choices.length === 0 ? source.nothing : `${choices.length} to choose from`, near());
            } catch {
              if (!mine.signal.aborted && list === box) box.show([], "No answer now. The words you typed stay as they are.", near());
            } finally {
              clearTimeout(late);
            }
          };
          return {
            update(_view, before) {
              const now = key.getState(view.state)?.match ?? null;
              const then = key.getState(before)?.match ?? null;
              if (now === null) {
                close();
                return;
              }
              const source = sources.find(({ char }) => char === now.char);
              if (!source) return;
              if (active !== source) {
                close();
                active = source;
                list = new Listbox(view.dom, source.label);
                (host ?? view.dom.parentElement ?? document.body).append(list.dom);
              }
              if (then === null || then.query !== now.query || then.from !== now.from) {
                list?.reset();
                void ask(now, source);
              }
            },
            destroy: close,
          };
        },
      }),
    ];
  },
});
