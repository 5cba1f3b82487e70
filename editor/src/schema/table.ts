// Tables without pixel widths: a width chosen on one screen is wrong on the next, and inline styles
// would need a weaker content security policy.
import { Table, TableCell, TableHeader, TableRow } from "@tiptap/extension-table";

const span = (name: "colspan" | "rowspan") => ({
  default: 1,
  parseHTML: (element: HTMLElement) => Math.min(100, Math.max(1, Number(element.getAttribute(name)) || 1)),
});

const spans = () => ({ colspan: span("colspan"), rowspan: span("rowspan") });

const PlainTable = Table.extend({
  renderHTML() {
    return ["div", { class: "table-scroll" }, ["table", ["tbody", 0]]];
  },
  addNodeView() {
    return null;
  },
});

export const tables = [
  PlainTable.configure({ resizable: false }),
  TableRow,
  TableHeader.extend({ addAttributes: spans }),
  TableCell.extend({ addAttributes: spans }),
];
