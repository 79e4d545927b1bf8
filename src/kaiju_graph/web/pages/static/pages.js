// The search over names, and the values of questions. Without it, pages show all of them.
"use strict";

// As kaiju search: no case, accents, width or kind of kana.
function fold(text) {
  return text
    .normalize("NFKD")
    .replace(/\p{Mn}/gu, "")
    .toUpperCase()
    .toLowerCase()
    .replace(/ς/g, "σ")
    .replace(/[\u30a1-\u30f6\u30fd\u30fe]/g, (kana) =>
      String.fromCharCode(kana.charCodeAt(0) - 0x60));
}

// Breaks between Japanese words do not matter.
const JAPANESE = "[\\u3005\\u3041-\\u3096\\u30fc\\u3400-\\u9fff]";
const BREAK = new RegExp(`(?<=${JAPANESE})[\\s・]+|[\\s・]+(?=${JAPANESE})`, "gu");

function nameKey(text) {
  return fold(text).replace(BREAK, "");
}

// "ou", "oo" and "oh" may stand for a long vowel.
function shorten(word) {
  return word.replace(/(?<=a)[ah]|(?<=e)[ehi]|(?<=i)[hi]|(?<=o)[hou]|(?<=u)[hu]/g, "");
}

function rankOf(name, whole, words) {
  if (name.startsWith(whole)) return name === whole ? 0 : 1;
  return words.every((word) => name.includes(word)) ? 2 : 3;
}

function split(text) {
  return fold(text).match(/[\p{L}\p{N}_]+/gu) || [];
}

// Negative if a comes before b: numbers, then texts by their code points.
function compare(a, b) {
  for (let i = 0; i < a.length; i += 1) {
    if (typeof a[i] === "number") {
      if (a[i] !== b[i]) return a[i] - b[i];
      continue;
    }
    const [one, other] = [[...a[i]], [...b[i]]];
    for (let j = 0; j < Math.min(one.length, other.length); j += 1) {
      if (one[j] !== other[j]) return one[j].codePointAt(0) - other[j].codePointAt(0);
    }
    if (one.length !== other.length) return one.length - other.length;
  }
  return 0;
}

// The hits of kaiju search, in its order: label, address and the text that has the words.
function findHits(things, query) {
  const words = query.split(/\s+/).filter(Boolean);
  const [whole, keys] = [nameKey(words.join(" ")), words.map(nameKey)];
  const [shortWhole, shortKeys] = [shorten(whole), keys.map(shorten)];
  const folded = words.flatMap(split);
  const hits = [];
  for (const [label, address, texts] of things) {
    let best = null;
    for (const [group, text] of texts) {
      const key = nameKey(text);
      let rank = rankOf(key, whole, keys);
      if (/[AEIOUaeiou][\u0302\u0304]/.test(text.normalize("NFD"))) {
        rank = Math.min(rank, rankOf(shorten(key), shortWhole, shortKeys));
      }
      if (rank === 3) continue;
      const own = new Set(split(text));
      const isPart = rank !== 0 && !folded.every((word) => own.has(word));
      const order = [Number(isPart), group, rank, [...text].length, fold(text), text];
      if (!best || compare(order, best.order) < 0) best = { order, label, address, text };
    }
    if (best) hits.push(best);
  }
  return hits.sort((one, other) => compare(one.order, other.order));
}

function showHits(names, things, query) {
  const hits = query.trim() ? findHits(things, query) : [];
  const list = document.getElementById("hits");
  list.replaceChildren(...hits.map(({ label, address, text }) => {
    const item = document.createElement("li");
    const link = item.appendChild(document.createElement("a"));
    link.href = address;
    link.textContent = label;
    if (text !== label) {
      const other = item.appendChild(document.createElement("span"));
      other.className = "where";
      other.textContent = ` ${text}`;
    }
    return item;
  }));
  list.hidden = !hits.length;
  for (const section of names.querySelectorAll("section")) section.hidden = query.trim() !== "";
  const found = hits.length === 1 ? "1 name has" : `${hits.length} names have`;
  document.getElementById("found").textContent = query.trim() ? `${found} these words.` : "";
}

// Called by names.js.
function offerSearch(things) {
  const names = document.getElementById("names");
  const field = document.getElementById("q");
  field.value = new URLSearchParams(location.search).get("q") || "";
  field.addEventListener("input", () => showHits(names, things, field.value));
  showHits(names, things, field.value);
}

// Without a server, a value of a parameter shows the rows that it keeps.
function filter(form) {
  const chosen = [...form.querySelectorAll("select")].map((field) => field.selectedIndex - 1);
  const keeps = (values) => chosen.every((at, i) => at < 0 || values[i] === String(at));
  const rows = [...document.querySelectorAll("tr[data-values]")];
  for (const row of rows) {
    row.hidden = !row.dataset.values.split(" ").some((values) => keeps(values.split(".")));
  }
  const count = rows.filter((row) => !row.hidden).length;
  form.querySelector("[role=status]").textContent = `Rows: ${count} of ${rows.length}`;
}

const form = document.getElementById("filter");
if (form) {
  form.hidden = false;
  for (const [name, value] of new URLSearchParams(location.search)) {
    const field = form.elements.namedItem(name);
    const at = field ? [...field.options].findIndex((option) => option.text === value) : -1;
    if (at > 0) field.selectedIndex = at;
  }
  form.addEventListener("change", () => filter(form));
  form.addEventListener("submit", (event) => event.preventDefault());
  filter(form);
}

// The words of a passage choose it, as its number does, unless they are a link or are selected.
document.documentElement.dataset.scripts = "";
document.addEventListener("click", (event) => {
  const passage = event.target.closest(".passage");
  if (passage && !event.target.closest("a") && getSelection().isCollapsed) {
    passage.querySelector(".n")?.click();
  }
});

// The panel of a passage closes with Escape.
document.addEventListener("keydown", (event) => {
  const chosen = document.querySelector(".passage:target");
  if (event.key === "Escape" && chosen) {
    location.hash = "none";
    chosen.querySelector(".n").focus({ preventScroll: true });
  }
});
