// Runs in a worker, so that a query does not stop the page, and can be stopped itself.
import { QueryError } from "./errors.js";
import { Graph, writeCsv } from "./graph.js";

let graph;
let answer;

const actions = {
  open: (sources) => {
    graph = new Graph(sources);
    return {};
  },
  // The page gets the first rows; the others stay here until they are saved.
  ask: ({ text, most }) => {
    const start = performance.now();
    answer = null; // one answer at a time
    answer = graph.answer(text);
    const { form, variables, rows, boolean } = answer;
    const milliseconds = performance.now() - start;
    return { form, variables, boolean, total: rows.length, rows: rows.slice(0, most), milliseconds };
  },
  save: ({ format }) => ({ content: format === "csv" ? writeCsv(answer) : answer.written }),
};

self.onmessage = ({ data: { id, action, values } }) => {
  try {
    self.postMessage({ id, result: actions[action](values) });
  } catch (error) {
    const { message, at } = error;
    const isBroken = !(error instanceof QueryError);
    self.postMessage({ id, error: { message, at, isBroken } });
  }
};
