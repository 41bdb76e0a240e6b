/** Where the reader is: every view has an address of its own that can be shared. */
import { signal } from "@preact/signals";

const BASE = "/_trunkline/console";

export interface Route {
  /** `["contacts", "INSTANCE", "CONTACT"]`, decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export const route = signal<Route>(currentRoute());
addEventListener("popstate", () => {
  route.value = currentRoute();
});

/** The address of a view: `href(["contacts", id], { state: "QUEUED" })`. */
export function href(path: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const search = new URLSearchParams(given).toString();
  return `${BASE}/${path.map(encodeURIComponent).join("/")}${search && `?${search}`}`;
}

export function go(to: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  route.value = currentRoute();
  if (!replace) scrollTo(0, 0);
}

/** Changes parts of the query and stays where one is. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { path, query } = route.value;
  go(href(path, { ...Object.fromEntries(query), ...changes }), { replace: true });
}

/** Follows a link inside of the console without loading the page anew; what opens elsewhere (a new tab) is the browser's. */
export function followLink(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest?.("a");
  if (!link || event.defaultPrevented || event.button !== 0 || link.target) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.origin !== location.origin || !link.pathname.startsWith(`${BASE}/`)) return;
  event.preventDefault();
  go(link.pathname + link.search);
}

function currentRoute(): Route {
  const path = location.pathname.slice(BASE.length).split("/").filter(Boolean).map(decoded);
  return { path, query: new URLSearchParams(location.search) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
