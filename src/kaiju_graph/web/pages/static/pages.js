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
    .replace(/[\u30a1-\u30f6]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60));
}

// "ou", "oo" and "oh" may stand for a long vowel.
function shorten(word) {
  return word.replace(/(?<=a)[ah]|(?<=e)[ehi]|(?<=i)[hi]|(?<=o)[hou]|(?<=u)[hu]/g, "");
}

function search(names, words) {
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  const short = wanted.map(shorten);
  let count = 0;
  for (const section of names.querySelectorAll("section")) {
    let shown = 0;
    for (const item of section.querySelectorAll("li")) {
      const text = item.dataset.names || fold(item.firstElementChild.textContent);
      const has = (key, parts) => parts.every((part) => key.includes(part));
      item.hidden = !has(text, wanted) && !(item.dataset.short && has(item.dataset.short, short));
      shown += item.hidden ? 0 : 1;
    }
    section.hidden = !shown;
    count += shown;
  }
  const found = count === 1 ? "1 name has these words." : `${count} names have these words.`;
  document.getElementById("found").textContent = wanted.length ? found : "";
}

const names = document.getElementById("names");
if (names) {
  const field = document.getElementById("q");
  field.value = new URLSearchParams(location.search).get("q") || "";
  field.addEventListener("input", () => search(names, field.value));
  search(names, field.value);
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
