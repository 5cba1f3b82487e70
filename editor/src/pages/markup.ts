// The one reader of markup that the page scripts share.
import { markupReader } from "../markup.ts";

export const readMarkup = markupReader("debrief-pages");
