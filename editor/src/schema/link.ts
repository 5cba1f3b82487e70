// Links: one attribute, the target. Tiptap's own link extension stores five and brings a parser
// for addresses that is larger than everything we need from it.
import { InputRule, Mark, mergeAttributes } from "@tiptap/core";
import { Plugin } from "@tiptap/pm/state";
import { isWebAddress, safeHref } from "./safe-link.ts";

declare module "@tiptap/core" {
  interface Commands<ReturnType> {
    safeLink: {
      /** Links the selection, or the link around the cursor, to a web or mail address; refuses anything else. */
      setLink: (href: string) => ReturnType;
      unsetLink: () => ReturnType;
    };
  }
}

/** Trailing punctuation belongs to the sentence, not to the address. */
const TYPED_ADDRESS = /(?:^|\s)(https?:\/\/\S*[^\s.,;:!?'"()[\]{}])([.,;:!?'")\]}]*)\s$/;

export const Link = Mark.create({
  name: "link",
  priority: 1000,
  inclusive: false,
  exitable: true,

  addAttributes() {
    return { href: { default: null, parseHTML: (element) => safeHref(element.getAttribute("href") ?? "") } };
  },

  parseHTML() {
    return [{ tag: "a[href]", getAttrs: (element) => (safeHref(element.getAttribute("href") ?? "") ? null : false) }];
  },

  renderHTML({ HTMLAttributes }) {
    const href = safeHref(String(HTMLAttributes["href"] ?? ""));
    const shown = href ? { href, rel: "noopener noreferrer nofollow", title: href } : {};
    return ["a", mergeAttributes({ ...HTMLAttributes, href: null }, shown), 0];
  },

  addCommands() {
    return {
      setLink: (raw) => ({ chain }) => {
        const href = safeHref(raw);
        return href !== null && chain().extendMarkRange("link").setMark("link", { href }).run();
      },
      unsetLink: () => ({ chain }) => chain().extendMarkRange("link").unsetMark("link").run(),
    };
  },

  addInputRules() {
    return [
      new InputRule({
        find: TYPED_ADDRESS,
        handler: ({ state, range, match }) => {
          const address = match[1] ?? "";
          const href = safeHref(address);
          if (href === null) return null;
          const from = range.from + match[0].indexOf(address);
          const to = from + address.length;
          if (state.doc.rangeHasMark(from, to, this.type)) return null;
          // The space that ended the address is put in by hand, because the rule swallows it.
          state.tr.addMark(from, to, this.type.create({ href })).insertText(" ", range.to).removeStoredMark(this.type);
          return undefined;
        },
      }),
    ];
  },

  addProseMirrorPlugins() {
    const type = this.type;
    return [
      new Plugin({
        props: {
          handlePaste(view, event) {
            const text = event.clipboardData?.getData("text/plain") ?? "";
            if (!view.editable || !isWebAddress(text) || view.state.selection.$from.parent.type.spec.code) return false;
            const href = safeHref(text);
            const { from, to, empty } = view.state.selection;
            const mark = type.create({ href });
            const tr = empty
              ? view.state.tr.replaceSelectionWith(view.state.schema.text(text.trim(), [mark]), false)
              : view.state.tr.addMark(from, to, mark);
            view.dispatch(tr.removeStoredMark(type).scrollIntoView());
            return true;
          },
          // Within text a click places the cursor; with Ctrl or Cmd, or for a reader, it follows the link.
          handleClick(view, _pos, event) {
            const target = event.target instanceof Element ? event.target.closest("a[href]") : null;
            if (!target || !view.dom.contains(target) || event.button !== 0) return false;
            if (view.editable && !event.ctrlKey && !event.metaKey) return false;
            const href = safeHref(target.getAttribute("href") ?? "");
            if (href) window.open(href, "_blank", "noopener,noreferrer");
            return href !== null;
          },
          handleDOMEvents: {
            click(view, event) {
              const target = event.target instanceof Element ? event.target.closest("a[href]") : null;
              if (target && view.editable && !target.closest("[data-live]")) event.preventDefault();
              return false;
            },
          },
        },
      }),
    ];
  },
});
