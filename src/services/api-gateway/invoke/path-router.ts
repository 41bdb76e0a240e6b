import { decoded } from "./call.ts";

/** Something that is called by a path and a method. */
export interface Routed<T> {
  /** With `{variables}`; the last one may be `{greedy+}`. */
  readonly path: string;
  /** By method, `ANY` among them. */
  readonly methods: Readonly<Record<string, T>>;
}

export interface FoundRoute<T> {
  readonly found: T;
  readonly path: string;
  readonly pathParameters: Readonly<Record<string, string>>;
}

interface Segment<T> {
  route?: Routed<T>;
  readonly exact: Map<string, Segment<T>>;
  variable?: { readonly name: string; readonly segment: Segment<T> };
  greedy?: { readonly name: string; readonly route: Routed<T> };
}

/**
 * Finds what a call is for: a segment as it is written beats `{variable}`, which beats `{greedy+}`; a method of its own beats ANY. Where a way
 * leads nowhere, the next one is tried. A slash at the end makes no difference.
 */
export class PathRouter<T> {
  readonly #root: Segment<T> = { exact: new Map() };

  constructor(routes: readonly Routed<T>[]) {
    for (const route of routes) this.#add(route);
  }

  find(method: string, path: string): FoundRoute<T> | undefined {
    return find(this.#root, path.replace(/\/$/, "").split("/").slice(1), 0, method, {});
  }

  #add(route: Routed<T>): void {
    let at = this.#root;
    for (const part of route.path.split("/").filter((one) => one !== "")) {
      const [, name, plus] = /^\{([^}+]+)(\+?)\}$/.exec(part) ?? [];
      if (name !== undefined && plus === "+") {
        at.greedy ??= { name, route };
        return;
      }
      if (name !== undefined) {
        at.variable ??= { name, segment: { exact: new Map() } };
        at = at.variable.segment;
      } else {
        const next: Segment<T> = at.exact.get(part) ?? { exact: new Map() };
        at.exact.set(part, next);
        at = next;
      }
    }
    at.route ??= route;
  }
}

/** Each place of the tree is looked at once at most, so a call costs no more than there are resources. */
function find<T>(
  at: Segment<T>,
  segments: readonly string[],
  place: number,
  method: string,
  variables: Readonly<Record<string, string>>,
): FoundRoute<T> | undefined {
  const sent = segments[place];
  if (sent === undefined) return at.route && withMethod(at.route, method, variables);
  const text = decoded(sent);
  const exact = at.exact.get(text);
  const found = exact && find(exact, segments, place + 1, method, variables);
  if (found) return found;
  if (at.variable && text !== "") {
    const { name, segment } = at.variable;
    const further = find(segment, segments, place + 1, method, { ...variables, [name]: text });
    if (further) return further;
  }
  if (!at.greedy) return undefined;
  const rest = segments.slice(place).map(decoded).join("/");
  return rest === "" ? undefined : withMethod(at.greedy.route, method, { ...variables, [at.greedy.name]: rest });
}

function withMethod<T>(
  { methods, path }: Routed<T>,
  name: string,
  pathParameters: Readonly<Record<string, string>>,
): FoundRoute<T> | undefined {
  const found = Object.hasOwn(methods, name) ? methods[name] : methods.ANY;
  return found === undefined ? undefined : { found, path, pathParameters };
}
