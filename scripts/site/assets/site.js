/** What a page does by itself: search, buttons that copy, and the menu of a phone. Without it, everything can still be read. */
const up = document.documentElement.dataset.up;
const field = document.getElementById("find");
const found = document.getElementById("found");

/** The index is loaded when somebody begins to search: as a script, since a page in a folder may fetch nothing. */
let loading;
function loadIndex() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${up}search-index.js`;
    script.onload = () => resolve(globalThis.searchIndex);
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

async function show() {
  const query = field.value;
  const index = await loadIndex();
  if (query !== field.value) return;
  const results = globalThis.searchSite(index, query);
  found.replaceChildren(...results.map(row));
  if (results.length === 0 && query.trim() !== "") found.append(said("Nothing has all of these words."));
  found.hidden = query.trim() === "";
}

function row({ url, page, heading, text }) {
  const link = document.createElement("a");
  link.href = up + url;
  const title = document.createElement("strong");
  title.textContent = heading;
  const where = document.createElement("span");
  where.textContent = heading === page ? text : `${page}: ${text}`;
  link.append(title, where);
  const item = document.createElement("li");
  item.append(link);
  return item;
}

function said(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}

field.addEventListener("focus", loadIndex);
field.addEventListener("input", show);
field.form.addEventListener("submit", (event) => {
  event.preventDefault();
  found.querySelector("a")?.click();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    field.focus();
  }
  if (event.key === "Escape") found.hidden = true;
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !found.hidden) step(event);
});
document.addEventListener("click", (event) => {
  if (!field.form.contains(event.target)) found.hidden = true;
});

/** Arrows go through the field and what it found. */
function step(event) {
  const places = [field, ...found.querySelectorAll("a")];
  const next = places[places.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

for (const block of document.querySelectorAll(".code")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const isCopied = await copy(block.querySelector("code").textContent);
    button.textContent = isCopied ? "Copied" : "Select and copy";
    setTimeout(() => {
      button.textContent = "Copy";
    }, 1500);
  });
  block.prepend(button);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages in a folder or behind plain HTTP have no clipboard in some browsers.
    return false;
  }
}

if (matchMedia("(max-width: 50rem)").matches) document.querySelector(".pages > details").open = false;
