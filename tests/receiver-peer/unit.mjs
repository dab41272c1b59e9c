// node unit.mjs: runs the unit tests of src/Receiver and says of each how it ended, as JSON:
//   [{"file":"fountain","name":"…","ok":true,"error":""},…]
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { run } from "node:test";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const { build } = createRequire(join(here, "../../src/Receiver/build.mjs"))("esbuild");
const folder = mkdtempSync(join(here, "node_modules", ".unit-"));

try {
  const files = readdirSync(join(here, "unit")).filter((file) => file.endsWith(".test.ts"));
  await build({
    absWorkingDir: here,
    entryPoints: files.map((file) => join("unit", file)),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    packages: "bundle",
    external: ["@ngraveio/bc-ur"],
    define: { REPOSITORY: JSON.stringify(join(here, "../..")) },
    logLevel: "error",
  });

  const ended = [];
  const note = ({ name, file, details, nesting }, ok) => {
    const test = basename(file ?? "", ".test.mjs");
    // A file counts as a test of its own only when it could not be run.
    if (nesting > 0 || ok || !name.endsWith(".mjs")) ended.push({ file: test, name, ok, ms: details.duration_ms, error: ok ? "" : String(details.error?.cause?.stack ?? details.error) });
  };
  const tests = run({ files: files.map((file) => join(folder, file.replace(/ts$/, "mjs"))), concurrency: 2 });
  tests.on("test:pass", (test) => note(test, true));
  tests.on("test:fail", (test) => note(test, false));
  for await (const _ of tests);
  console.log(JSON.stringify(ended));
} finally {
  rmSync(folder, { recursive: true });
}
