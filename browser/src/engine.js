// The engine, as the page sees it: it starts when first needed, answers, and can be stopped.
import { QueryError } from "./errors.js";

// What does not fit into memory or the stack; the engine starts again.
const BROKEN = "found a query that is too large or too deep; expected a smaller one";

export class Stopped extends Error {}

// A page that was opened as a file may fetch nothing, but it may run scripts beside it.
function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${address} cannot be read`));
    document.head.append(script);
  });
}

export async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const once = (make) => {
  let made;
  return () => (made ??= make());
};

export class Engine {
  // root: the address of the folder with the scripts.
  constructor(root) {
    this.graph = once(async () => {
      await load(new URL("graph.js", root).href);
      return JSON.parse(new TextDecoder().decode(await unpack(self.kaijuGraph)));
    });
    this.sources = once(async () => {
      await load(new URL("engine.js", root).href);
      const { code, wasm } = self.kaijuEngine;
      const worker = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
      return { worker, wasm: await unpack(wasm) };
    });
    this.waiting = new Map();
    this.count = 0;
    this.turn = 0;
  }

  // Starts the worker, if none runs.
  start() {
    this.opened ??= this.open(this.turn).catch((error) => {
      this.opened = undefined;
      throw error;
    });
    return this.opened;
  }

  async open(turn) {
    const [{ worker, wasm }, { merged, others, prefixes, grammar }] = await Promise.all([
      this.sources(),
      this.graph(),
    ]);
    if (turn !== this.turn) {
      throw new Stopped();
    }
    this.worker = new Worker(worker);
    this.worker.onmessage = ({ data: { id, result, error } }) => {
      const { resolve, reject } = this.waiting.get(id);
      this.waiting.delete(id);
      if (!error) {
        resolve(result);
        return;
      }
      if (error.isBroken) {
        this.stop();
      }
      reject(new QueryError(error.isBroken ? BROKEN : error.message, error.at));
    };
    await this.send("open", { wasm, merged, others, prefixes, grammar });
  }

  send(action, values) {
    this.count += 1;
    const id = this.count;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, action, values });
    });
  }

  // Answers a query; an earlier one that still runs is stopped.
  async ask(text, most) {
    if (this.isAsking) {
      this.stop();
    }
    await this.start();
    this.isAsking = true;
    try {
      return await this.send("ask", { text, most });
    } finally {
      this.isAsking = false;
    }
  }

  async save(format) {
    return (await this.send("save", { format })).content;
  }

  // Ends what runs; the next question starts a new worker.
  stop() {
    this.worker?.terminate();
    this.worker = this.opened = undefined;
    this.turn += 1;
    for (const { reject } of this.waiting.values()) {
      reject(new Stopped());
    }
    this.waiting.clear();
  }
}
