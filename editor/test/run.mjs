// Bundles the tests (Node 20 runs no TypeScript) into a folder outside the checkout and runs them there.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const outdir = fs.mkdtempSync(path.join(os.tmpdir(), "debrief-editor-test-"));
try {
  const tests = fs.readdirSync(here).filter((name) => name.endsWith(".test.ts"));
  await build({
    entryPoints: tests.map((name) => path.join(here, name)),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    // What a test doesn't touch must not be dragged in: icons and styles exist only in the browser's build.
    external: ["virtual:icons", "*.css"],
    logLevel: "warning",
  });
  const files = fs.readdirSync(outdir).filter((name) => name.endsWith(".mjs")).map((name) => path.join(outdir, name));
  process.exitCode = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
  fs.rmSync(outdir, { recursive: true, force: true });
}
