// node build.mjs FILE: bundles the page into one file. The same sources give the same bytes, wherever and whenever: versions are
// locked, nothing is dated, and no path comes in.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const read = (file) => readFileSync(join(here, file), "utf8");
const target = resolve(process.argv[2] ?? join(here, "../../artifacts/receiver/receiver.html"));

const bundled = await build({
  absWorkingDir: here,
  entryPoints: ["source/page/main.ts"],
  bundle: true,
  write: false,
  format: "iife",
  target: "es2022",
  charset: "ascii",
  legalComments: "none",
  plugins: [{ name: "no address", setup: ({ onLoad }) => onLoad({ filter: /zxing-wasm.*share\.js$/ }, withoutAddress) }],
});
const script = `\n${bundled.outputFiles[0].text}`;
const style = `\n${read("page.css")}`;
if (/<\/script|<!--/i.test(script)) throw new Error("the script would end its own element");

// Nothing may be loaded or connected to; what runs is named by its hash.
const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const policy = [
  "default-src 'none'",
  `script-src ${hash(script)} 'wasm-unsafe-eval'`,
  `style-src ${hash(style)}`,
  "img-src data:",
  "media-src blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

const parts = {
  policy,
  style,
  script,
  wasm: readFileSync(join(here, "node_modules/zxing-wasm/dist/reader/zxing_reader.wasm")).toString("base64"),
};
const page = read("page.html").replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]) + licences();

mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, page);
console.log(`${createHash("sha256").update(page).digest("hex")}  ${target}`);

/** zxing-wasm knows an address to fetch its WebAssembly from. We hand it over instead, and the address stays out of the page. */
function withoutAddress({ path }) {
  const source = readFileSync(path, "utf8");
  const contents = source.replace(/`https:[^`]*`/, '""');
  if (contents === source) throw new Error(`${path} has changed: look where it fetches from now`);
  return { contents, loader: "js" };
}

/** Those of the libraries inside, which ask for it. zxing-cpp, compiled into zxing-wasm, is under the Apache License too. */
function licences() {
  const texts = ["zxing-wasm/LICENSE", "qr/LICENSE-MIT", "qr/LICENSE", "@noble/hashes/LICENSE"].map(
    (file) => `${file}\n\n${read(`node_modules/${file}`).trim()}\n`,
  );
  return `<!--\nThe libraries inside this page, and their licences:\n\n${texts.join("\n\n").replaceAll("--", "- -")}-->\n`;
}
