// The page that asks in SPARQL.
import { formats, saveFile, show, summarize } from "./answers.js";
import { completions } from "./completion.js";
import { Editor } from "./editor.js";
import { Engine, Stopped } from "./engine.js";
import { QueryError } from "./errors.js";
import { Names } from "./names.js";
import { fill } from "./questions.js";

const MOST = 1000; // rows in the table; the files have all
const EXAMPLE = `# Ctrl-Enter runs the query, Ctrl-Space completes a word; prefixes need no declaration.
SELECT ?passage ?sentence ?subject ?property ?value
WHERE {
    GRAPH ?passage { ?subject ?property ?value . }
    ?passage ev:quote ?sentence .
}
LIMIT 20
`;

const root = new URL(".", document.currentScript.src).href;
const find = (id) => document.getElementById(id);

async function start() {
  const engine = new Engine(root);
  const form = find("sparql");
  const [status, answer, files] = ["status", "answer", "files"].map(find);
  const [stop, link, stored] = ["stop", "link", "stored"].map(find);
  let graph;
  try {
    graph = await engine.graph();
  } catch (error) {
    status.textContent = `The graph of this page cannot be read: ${error.message}`;
    return;
  }
  const names = new Names(graph, root);
  const editor = new Editor(find("editor"), {
    text: EXAMPLE,
    label: "Query in SPARQL",
    run,
    complete: completions(names),
  });

  function fail(error) {
    if (error instanceof Stopped) {
      status.textContent = "Stopped.";
      return;
    }
    status.classList.add("error");
    status.textContent = error.message;
    if (error instanceof QueryError) {
      const { line, column } = editor.showError(error.at);
      status.textContent = `Line ${line}, column ${column}: ${error.message}`;
    }
  }

  let current = 0;
  async function run() {
    current += 1;
    const mine = current;
    status.classList.remove("error");
    status.textContent = "Running …";
    answer.replaceChildren();
    files.replaceChildren();
    editor.clearError();
    stop.hidden = false;
    link.href = `#query=${encodeURIComponent(editor.text)}`;
    link.hidden = false;
    try {
      const found = await engine.ask(editor.text, MOST);
      if (mine !== current) {
        return;
      }
      status.textContent = summarize(found);
      answer.replaceChildren(show(found, names));
      files.replaceChildren(...formats(found).map(offer));
    } catch (error) {
      if (mine === current) {
        fail(error);
      }
    } finally {
      if (mine === current) {
        stop.hidden = true;
      }
    }
  }

  function offer(format) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `Save as ${format === "nt" ? "N-Triples" : format.toUpperCase()}`;
    button.addEventListener("click", async () => {
      try {
        saveFile(format, await engine.save(format));
      } catch (error) {
        fail(error);
      }
    });
    return button;
  }

  // The address may have a query, or a stored question with values.
  function read() {
    const text = location.hash.length > 1 ? location.hash.slice(1) : location.search;
    const values = Object.fromEntries(new URLSearchParams(text));
    const name = values["stored-question"]; // no parameter has a hyphen in its name
    const question = graph.questions[name];
    if (question) {
      stored.value = name;
      editor.text = fill(question, values, names);
      run();
    } else if (values.query) {
      editor.text = values.query;
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  stop.addEventListener("click", () => {
    engine.stop();
    editor.focus();
  });
  stored.addEventListener("change", () => {
    if (stored.value) {
      editor.text = fill(graph.questions[stored.value], {}, names);
      editor.clearError();
    }
  });
  window.addEventListener("hashchange", read);
  form.hidden = false;
  status.textContent = "";
  read();
  // While the reader reads.
  engine.start().catch(fail);
}

if (find("sparql")) {
  start();
}
