/** What keys do anywhere in the console. */
import { pages } from "./pages.tsx";
import { paletteOpen } from "./parts/palette.tsx";
import { shortcutsOpen } from "./parts/shortcuts-dialog.tsx";
import { go, href } from "./route.ts";

/** How long after `g` a letter still goes somewhere. */
const AFTER_G_MS = 1500;

/** Listens until what it answers is called. `g` and a letter goes to a page, `/` to the filter, `?` tells of all this. */
export function listenForShortcuts(): () => void {
  let goesUntilMs = 0;
  const onKey = (event: KeyboardEvent): void => {
    if ((event.metaKey || event.ctrlKey) && event.key === "k") {
      event.preventDefault();
      paletteOpen.value = !paletteOpen.value;
      return;
    }
    if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event)) return;
    const goes = performance.now() < goesUntilMs;
    goesUntilMs = 0;
    if (goes) {
      const page = pages.find(({ letter }) => letter === event.key);
      if (page) go(href(page.name === "" ? [] : [page.name]));
    } else if (event.key === "g") goesUntilMs = performance.now() + AFTER_G_MS;
    else if (event.key === "?") shortcutsOpen.value = true;
    else if (event.key === "/") {
      const filter = document.querySelector<HTMLInputElement>("main input[type=search]");
      if (!filter) return;
      event.preventDefault();
      filter.focus();
      filter.select();
    }
  };
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
}

/** Letters that are typed into something are nobody's shortcut. */
function isTyping({ target }: KeyboardEvent): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable], dialog") !== null;
}
