// Make the scripts of the pages: node build.mjs FOLDER
//
// query.js has the editor and the page, engine.js the worker as text and Oxigraph as base64 of
// raw deflate, and NOTICES.txt the licences of what is in them.
import { build } from "esbuild";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";

const folder = process.argv[2];
if (!folder) {
  console.error("usage: node build.mjs FOLDER");
  process.exit(2);
}

const options = {
  bundle: true,
  charset: "utf8",
  define: { "import.meta.url": '""' }, // the engine gets its module, and looks for no file
  format: "iife",
  legalComments: "none", // NOTICES.txt has them
  logLevel: "warning",
  metafile: true,
  minify: true,
  platform: "browser",
  target: ["es2022"],
  write: false,
};

const page = await build({ ...options, entryPoints: ["src/main.js"] });
const worker = await build({ ...options, entryPoints: ["src/worker.js"] });
const wasm = await readFile("node_modules/oxigraph/web_bg.wasm");
const engine = {
  code: worker.outputFiles[0].text,
  wasm: deflateRawSync(wasm, { level: 9 }).toString("base64"),
};

// Returns the packages that a script is made of.
function packages({ metafile }) {
  const [output] = Object.values(metafile.outputs);
  const used = Object.entries(output.inputs).filter(([, input]) => input.bytesInOutput);
  const names = used.map(([path]) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
  return names.filter(Boolean);
}

async function notice(name) {
  const place = join("node_modules", name);
  const about = JSON.parse(await readFile(join(place, "package.json"), "utf8"));
  const files = (await readdir(place)).filter((file) => /^(licen[cs]e|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(place, file), "utf8")));
  const address = about.homepage ?? about.repository?.url?.replace(/^git\+/, "") ?? "";
  const head = [`${about.name} ${about.version}`, about.license, address].filter(Boolean);
  return [head.join("\n"), ...texts.map((text) => text.trim())].join("\n\n");
}

const names = [...new Set([...packages(page), ...packages(worker)])].sort();
const notices = await Promise.all(names.map(notice));
const intro = `query.js and engine.js are made of these packages. Where a package has no licence text
of its own, and offers Apache-2.0, that licence holds; it is also the one of kaiju-graph.`;
const line = `\n\n${"-".repeat(79)}\n\n`;

await mkdir(folder, { recursive: true });
await writeFile(join(folder, "query.js"), page.outputFiles[0].text);
await writeFile(join(folder, "engine.js"), `self.kaijuEngine=${JSON.stringify(engine)};\n`);
await writeFile(join(folder, "NOTICES.txt"), `${[intro, ...notices].join(line)}\n`);
