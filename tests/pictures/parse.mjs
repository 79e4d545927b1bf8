// Parses texts with Mermaid's own parser: standard input is a list of texts in JSON; standard
// output is a list of the types of their diagrams, or of errors. The argument is the folder of
// packages, which has mermaid and jsdom.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const { JSDOM } = createRequire(join(folder, "here.js"))("jsdom");
globalThis.window = new JSDOM("").window;
globalThis.document = window.document;
const file = join(folder, "mermaid", "dist", "mermaid.core.mjs");
const { default: mermaid } = await import(pathToFileURL(file));
const types = [];
for (const text of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    types.push((await mermaid.parse(text)).diagramType);
  } catch (error) {
    types.push(`${error.message}\n${text}`);
  }
}
console.log(JSON.stringify(types));
