// The fonts of the pages, cut to what pages show: a visitor's first page carries 31 KB of them instead of 81.
// One table says which files there are; the @font-face rules and the files are both made from it.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import subsetFont from "subset-font";

// What nearly every page shows: ASCII, the no-break space, the narrow one of time fields, · × – — ‘ ’ “ ” • … → −
const EVERYDAY = "U+20-7E,U+A0,U+B7,U+D7,U+2013-2014,U+2018-2019,U+201C-201D,U+2022,U+2026,U+202F,U+2192,U+2212";
// The letters of Latin-1 and their friends: people's names are on every page.
const LETTERS = "U+C0-D6,U+D8-F6,U+F8-FF,U+131,U+152-153";
// Everything else in the package's Latin files. A browser fetches it when a page has one of these characters.
const SIGNS = [
  "U+A1-B6,U+B8-BF,U+F7,U+2BB-2BC,U+2C6,U+2DA,U+2DC,U+304,U+308,U+329,U+2000-2012,U+2015-2017,U+201A-201B",
  "U+201E-2021,U+2023-2025,U+2027-202E,U+2030-206F,U+20AC,U+2122,U+2191,U+2193,U+2215,U+FEFF,U+FFFD",
].join(",");

const SANS = "@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2";
const SERIF = "@fontsource-variable/source-serif-4/files/source-serif-4-latin-wght-normal.woff2";
const ITALIC = "@fontsource-variable/source-serif-4/files/source-serif-4-latin-wght-italic.woff2";

// One weight of the serif per file, as headings are everywhere and long text is not. What is on every page has its
// letters in the first file, where they are kerned; long text fetches them when it has some.
const cuts = [
  { role: "sans", family: "Debrief Sans", source: SANS, weights: { min: 400, max: 600 }, letters: "first" },
  { role: "serif-bold", family: "Debrief Serif", source: SERIF, weights: 600, letters: "first" },
  { role: "serif", family: "Debrief Serif", source: SERIF, weights: 400 },
  { role: "serif-italic", family: "Debrief Serif", source: ITALIC, style: "italic", weights: 400 },
  { role: "serif-bold-italic", family: "Debrief Serif", source: ITALIC, style: "italic", weights: 600 },
];

// Ligatures, figures of one width, accents in their place; not small fractions and superscripts. A browser lays out
// each file's characters for themselves, so that kerning does nothing in the files of the seldom ones.
const SELDOM = ["liga", "tnum", "lnum", "calt", "ccmp", "locl", "mark", "mkmk"];
const ALWAYS = [...SELDOM, "kern"];

/** The files by the names that pages and style sheets use. */
export const fonts = cuts.flatMap((cut) => {
  const first = { ...cut, file: `${cut.role}.woff2`, range: EVERYDAY, features: ALWAYS };
  const letters = { ...cut, file: `${cut.role}-letters.woff2`, range: LETTERS, features: SELDOM };
  const signs = { ...cut, file: `${cut.role}-signs.woff2`, range: SIGNS, features: SELDOM };
  return cut.letters === "first" ? [{ ...first, range: `${EVERYDAY},${LETTERS}` }, signs] : [first, letters, signs];
});

/** The style sheet that says which file is which. A browser fetches only the weights and characters that a page shows. */
export function faces() {
  return fonts.map(({ family, file, style, weights, range }) => {
    const weight = typeof weights === "number" ? weights : `${weights.min} ${weights.max}`;
    const slant = style ? `font-style:${style};` : "";
    return `@font-face{font-family:"${family}";src:url(${file}) format("woff2");${slant}font-weight:${weight};font-display:swap;unicode-range:${range}}`;
  }).join("\n");
}

function characters(range) {
  return range.split(",").map((part) => {
    const [from, to = from] = part.replace("U+", "").split("-").map((hex) => Number.parseInt(hex, 16));
    return String.fromCodePoint(...Array.from({ length: to - from + 1 }, (_, index) => from + index));
  }).join("");
}

/**
 * The licence reserves the name of the fonts for the fonts as their makers gave them out. What was cut from them
 * bears ours, letter for letter as long; the makers' own line about their rights stays.
 */
function renamed(sfnt) {
  const wide = (words) => Buffer.from(words, "utf16le").swap16();
  const found = Buffer.from(sfnt);
  for (const [theirs, ours] of [["Source Sans 3", "Debrief Sans "], ["Source Serif 4", "Debrief Serif "], ["SourceSans3", "DebriefSans"], ["SourceSerif4", "DebriefSerif"]]) {
    for (const form of [Buffer.from, wide]) {
      for (let at = found.indexOf(form(theirs)); at >= 0; at = found.indexOf(form(theirs), at)) form(ours).copy(found, at);
    }
  }
  return found;
}

/** One file, cut. Cutting all takes seconds, so results are kept beside the packages, by what they were made from. */
export async function cut({ source, weights, range, features }, packages) {
  const original = fs.readFileSync(path.join(packages, source));
  const how = {
    variationAxes: { wght: weights },
    keepFeatures: features,
    noHinting: true,
    dropTables: ["DSIG", "STAT", "gasp", "meta"],
  };
  const { version } = JSON.parse(fs.readFileSync(path.join(packages, "subset-font/package.json"), "utf8"));
  const key = createHash("sha256").update(original).update(fs.readFileSync(new URL(import.meta.url))).update(JSON.stringify([version, how, range])).digest("hex");
  const kept = path.join(packages, ".cache/debrief-fonts", `${key}.woff2`);
  if (fs.existsSync(kept)) return fs.readFileSync(kept);
  const pieces = renamed(await subsetFont(original, characters(range), { ...how, targetFormat: "sfnt" }));
  const bytes = await subsetFont(pieces, null, { keepAllGlyphs: true, targetFormat: "woff2" });
  fs.mkdirSync(path.dirname(kept), { recursive: true });
  fs.writeFileSync(`${kept}.${process.pid}`, bytes);
  fs.renameSync(`${kept}.${process.pid}`, kept);
  return bytes;
}
