// Answer queries as the worker of the query page does: node engine.mjs FOLDER < [[name, text, format], …]
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";

const folder = process.argv[2];
const page = {};
for (const name of ["engine.js", "graph.js"]) {
  new Function("self", readFileSync(join(folder, name), "utf8"))(page);
}
const unpack = (text) => inflateRawSync(Buffer.from(text, "base64"));
const worker = { postMessage: (message) => (worker.message = message) };
new Function("self", page.kaijuEngine.code)(worker);

function send(action, values) {
  worker.onmessage({ data: { id: 1, action, values } });
  return worker.message;
}

const graph = JSON.parse(unpack(page.kaijuGraph));
send("open", { ...graph, wasm: unpack(page.kaijuEngine.wasm) });
const answers = JSON.parse(readFileSync(0, "utf8")).map(([text, format]) => {
  const { error, result } = send("ask", { text, most: 3 });
  return error ? { error } : { ...result, content: send("save", { format }).result.content };
});
console.log(JSON.stringify(answers));
