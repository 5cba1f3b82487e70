// Builds everything the browser loads into crates/web/assets: the editor, the page scripts, the style sheets,
// the fonts and the icons. File names carry a hash of their content, so they can be cached for good;
// manifest.json says which name stands for which file.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";
import { build } from "esbuild";
import { cut, faces, fonts } from "./fonts.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const assets = path.join(root, "crates/web/assets");
const packages = path.join(root, "node_modules");
const icons = JSON.parse(fs.readFileSync(path.join(root, "editor/icons.json"), "utf8"));

// Gzipped bytes a file may cost, in the order in which pages need them. On a first visit a page stays under 60 KB in
// all, its own text and the headers of answers included; where a document is read or written the serif comes on top, and
// with the first field that somebody writes in, the aid.
const budgets = {
  "app.css": 11_300, "pages.js": 8_200, "sans.woff2": 15_500, "serif-bold.woff2": 16_000,
  "documents.css": 5_000, "instrument.css": 2_600, "aid.js": 7_600, "editor.js": 190_000,
};

/** The shapes inside one lucide icon, without its <svg>, on one line. */
function shapes(name) {
  const svg = fs.readFileSync(path.join(packages, "lucide-static/icons", `${name}.svg`), "utf8");
  const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  return inner.trim().replace(/\s*\n\s*/g, "").replace(/ \/>/g, "/>");
}

/** The same as elements and attributes, for a script that may not write markup. */
function drawn(name) {
  return [...shapes(name).matchAll(/<([a-z]+) ([^>]*)\/>/g)].map(([, shape, attributes]) => [
    shape,
    Object.fromEntries([...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value])),
  ]);
}

function sprite() {
  const symbols = icons.page.map((name) => `<symbol id="i-${name}" viewBox="0 0 24 24">${shapes(name)}</symbol>`);
  return `<svg width="0" height="0" class="defs" aria-hidden="true">${symbols.join("")}</svg>\n`;
}

/** An icon that a style sheet cuts out of a colour: one box where a drawn one is eight, which long lists feel. */
function mask(name) {
  const pen = 'fill="none" stroke="#000" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" ${pen}>${shapes(name)}</svg>`;
}

const roles = {
  name: "roles",
  setup(b) {
    b.onResolve({ filter: /^icon:/ }, (args) => ({ path: `${args.path.slice("icon:".length)}.svg`, namespace: "icon" }));
    b.onLoad({ filter: /.*/, namespace: "icon" }, (args) => ({ contents: mask(path.basename(args.path, ".svg")), loader: "dataurl" }));
    // Style sheets import the faces; their files are cut from the fonts' own packages.
    b.onResolve({ filter: /^virtual:fonts$/ }, () => ({ path: "fonts.css", namespace: "fonts" }));
    b.onLoad({ filter: /\.css$/, namespace: "fonts" }, () => ({ contents: faces(), loader: "css" }));
    b.onResolve({ filter: /\.woff2$/ }, (args) => ({ path: path.basename(args.path), namespace: "fonts" }));
    b.onLoad({ filter: /\.woff2$/, namespace: "fonts" }, async (args) => ({
      contents: await cut(fonts.find(({ file }) => file === args.path), packages),
      loader: "file",
    }));
    b.onResolve({ filter: /^virtual:icons$/ }, () => ({ path: "icons", namespace: "virtual" }));
    b.onLoad({ filter: /.*/, namespace: "virtual" }, () => ({
      contents: JSON.stringify(Object.fromEntries(icons.editor.map((name) => [name, drawn(name)]))),
      loader: "json",
    }));
  },
};

function entries() {
  const found = { editor: "editor/src/editor.ts", pages: "editor/src/pages.ts", aid: "editor/src/aid.ts" };
  for (const name of ["app", "documents", "instrument"]) found[name] = `crates/web/styles/${name}.css`;
  return found;
}

/** The licence texts of every package that ends up in a bundle, as those licences ask. */
function licences(inputs) {
  const names = new Set(["lucide-static", ...fonts.map(({ source }) => source.split("/", 2).join("/"))]);
  for (const input of inputs) {
    const match = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) names.add(match[1]);
  }
  return [...names].sort().map((name) => {
    const folder = path.join(packages, name);
    const about = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
    const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? fs.readFileSync(path.join(folder, file), "utf8").trim() : `Licence: ${about.license}`;
    return `${name} ${about.version} (${about.license})\n\n${text}\n`;
  }).join(`\n${"-".repeat(72)}\n\n`);
}

const result = await build({
  absWorkingDir: root,
  entryPoints: entries(),
  outdir: assets,
  bundle: true,
  write: false,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome123", "firefox120", "safari17.5"],
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  legalComments: "none",
  metafile: true,
  plugins: [roles],
  logLevel: "warning",
});

const manifest = {};
const written = new Map(result.outputFiles.map((file) => [path.basename(file.path), file.contents]));
for (const output of Object.keys(result.metafile.outputs)) {
  const hashed = path.basename(output);
  manifest[hashed.replace(/-[A-Z0-9]{8}(?=\.)/, "")] = hashed;
}

const extra = { "icons.html": sprite(), "licences.txt": licences(Object.keys(result.metafile.inputs)) };
for (const [name, text] of Object.entries(extra)) {
  written.set(name, Buffer.from(text));
  manifest[name] = name;
}
written.set("manifest.json", Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(manifest).sort()), null, 2) + "\n"));

// New files first, old ones away afterwards: a server compiled meanwhile never sees an empty folder.
// Unchanged files keep their time stamps, so cargo doesn't rebuild what embeds them.
fs.mkdirSync(assets, { recursive: true });
for (const [name, contents] of written) {
  const file = path.join(assets, name);
  if (!fs.existsSync(file) || digest(fs.readFileSync(file)) !== digest(contents)) fs.writeFileSync(file, contents);
}
for (const name of fs.readdirSync(assets)) if (!written.has(name)) fs.rmSync(path.join(assets, name), { recursive: true });

function digest(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

let over = false;
for (const [plain, hashed] of Object.entries(manifest).sort()) {
  const bytes = written.get(hashed);
  const packed = hashed.endsWith(".woff2") ? bytes.length : zlib.gzipSync(bytes, { level: 9 }).length;
  const budget = budgets[plain];
  const late = budget !== undefined && packed > budget;
  over ||= late;
  console.log(`${plain.padEnd(18)} ${(packed / 1000).toFixed(1).padStart(6)} KB gzip${late ? `, over its ${budget / 1000} KB` : ""}`);
}
if (over) process.exitCode = 1;
