// Words on their way out for good: gathered as they are read, and sent to the page that shows what would go. Nothing
// is taken out here, and words never stand in an address.
import type { Node as DocumentNode } from "@tiptap/pm/model";

const ENDS = /[.!?…]["'”’]*(?=\s|$)/g;

/** The sentence around a stretch of text, from its first letter to its full stop. */
export function sentenceAround(text: string, from: number, to: number): { from: number; to: number } {
  let start = 0;
  let end = text.length;
  for (const found of text.matchAll(ENDS)) {
    const after = found.index + found[0].length;
    if (after <= from) start = after;
    else if (after >= to) {
      end = after;
      break;
    }
  }
  while (start < from && /\s/.test(text.charAt(start))) start++;
  while (end > to && /\s/.test(text.charAt(end - 1))) end--;
  return { from: start, to: end };
}

/** What stands there, in the words that readers see. */
export function wordsBetween(doc: DocumentNode, from: number, to: number): string {
  return doc.textBetween(from, to, "\n", (leaf) => String(leaf.attrs["label"] ?? leaf.attrs["prompt"] ?? "\n"));
}

/** Goes to the page that shows what would leave. `requests` is the address where steps of this post-mortem are asked for. */
export function showLeaving(requests: string, words: string): void {
  sendLeaving(requests.replace(/^\/postmortems\/(.*)\/requests$/, "$1"), { surface: "document", subject: "", words });
}

/** The same for words that are kept elsewhere. */
export function sendLeaving(incident: string, leaving: { surface: string; subject: string; words: string }): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = `/incidents/${incident}/withdrawal`;
  form.hidden = true;
  for (const [name, value] of Object.entries(leaving)) {
    const field = document.createElement("textarea");
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}
