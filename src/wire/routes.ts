import type { OperationModel, ServiceModel } from "../models/model.ts";
import { parseQuery } from "./canonical.ts";
import type { Head } from "./exchange.ts";

export interface Match {
  readonly operation: string;
  /** By the labels' names, as sent: an encoded slash is not one until it is decoded by whoever knows what the label holds. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * A REST model's routes as a tree of path segments:
 *
 *     rules ── {} ── POST CreateRule, GET ListRules
 *               └─── {} ── GET DescribeRule, …
 *
 * A path is split before it is decoded, so that an encoded slash stays inside its label. At each segment a literal is tried before a
 * label, and a label before a greedy one (`{Key+}`, the rest of the path).
 *
 * Several operations can share path and method: those of S3 differ in fixed parts of the query (`?tagging`), or only in
 * what they require (UploadPart is PutObject with a `partNumber`). The most demanding of those that are satisfied is meant.
 */
export class Routes {
  readonly #root: Segment = newSegment();

  constructor(model: ServiceModel) {
    for (const [name, operation] of Object.entries(model.operations)) this.#add(name, operation, model);
  }

  /**
   * Finds the operation that a request means. `wrong-method`: the path exists, but not with this method.
   *
   * Throws `URIError` for a query that is not percent-encoded UTF-8.
   */
  find({ method, path, query, headers }: Head): Match | "wrong-method" | undefined {
    const segments = path.slice(1).split("/");
    const request = { parameters: query === "" ? [] : parseQuery(query), headers };
    let pathFound = false;
    for (const { routes, values } of leaves(this.#root, segments, 0, [])) {
      pathFound = true;
      const route = choose(routes.get(method) ?? [], request);
      if (!route) continue;
      const labels = Object.fromEntries(route.labels.map((name, at) => [name, values[at] ?? ""]));
      return { operation: route.operation, labels };
    }
    return pathFound ? "wrong-method" : undefined;
  }

  #add(operation: string, model: OperationModel, service: ServiceModel): void {
    const [path = "", fixedQuery = ""] = model.uri.split("?");
    const labels: string[] = [];
    let segment = this.#root;
    // Two routes of Cases end with a slash, which like any other may be left out.
    for (const part of path.split("/").filter((part) => part !== "")) {
      if (!part.startsWith("{")) segment = grow(segment.literals, part);
      else if (part.endsWith("+}")) {
        labels.push(part.slice(1, -2));
        segment = segment.greedy ??= newSegment();
      } else {
        labels.push(part.slice(1, -1));
        segment.label ??= newSegment();
        if (["{resourceArn}", "{resource-arn}", "{arn}"].includes(part)) segment.arn = segment.label;
        segment = segment.label;
      }
    }
    const routes = segment.routes.get(model.method) ?? [];
    routes.push({ operation, labels, fixed: parseQuery(fixedQuery), ...requirements(model, service) });
    routes.sort((a, b) => weight(b) - weight(a) || byName(a.operation, b.operation));
    segment.routes.set(model.method, routes);
  }
}

interface Segment {
  readonly literals: Map<string, Segment>;
  label?: Segment;
  greedy?: Segment;
  /** The label, for the rest of a path that is an ARN: proxies decode its slashes. */
  arn?: Segment;
  /** By method, the most demanding first. */
  readonly routes: Map<string, Route[]>;
}

interface Route {
  readonly operation: string;
  readonly labels: readonly string[];
  /** Parts of the query that belong to the route. */
  readonly fixed: readonly [name: string, value: string][];
  readonly requiredParameters: readonly string[];
  readonly requiredHeaders: readonly string[];
}

interface Sent {
  readonly parameters: readonly [name: string, value: string][];
  readonly headers: Head["headers"];
}

function newSegment(): Segment {
  return { literals: new Map(), routes: new Map() };
}

function grow(segments: Map<string, Segment>, name: string): Segment {
  const found = segments.get(name) ?? newSegment();
  segments.set(name, found);
  return found;
}

/** All leaves that a path leads to, the most literal first. A slash at the end that no label takes in means nothing. */
function* leaves(
  segment: Segment,
  path: readonly string[],
  at: number,
  values: readonly string[],
): Generator<{ routes: Segment["routes"]; values: readonly string[] }> {
  const part = path[at];
  if (part !== undefined) {
    const literal = segment.literals.get(part);
    if (literal) yield* leaves(literal, path, at + 1, values);
    // A label is never empty, and never a dot segment: signatures are made over paths without those.
    if (segment.label && part !== "" && part !== "." && part !== "..") {
      yield* leaves(segment.label, path, at + 1, [...values, part]);
    }
    const rest = path.slice(at).join("/");
    if (segment.arn && rest.startsWith("arn:")) yield { routes: segment.arn.routes, values: [...values, rest] };
    if (segment.greedy && rest !== "") yield { routes: segment.greedy.routes, values: [...values, rest] };
  }
  const ended = part === undefined || (part === "" && at === path.length - 1);
  if (ended && segment.routes.size > 0) yield { routes: segment.routes, values };
}

/**
 * The first that the request satisfies. Where it satisfies none, but its path and fixed query parts are those of one, that is meant, and
 * validation says what is missing.
 */
function choose(routes: readonly Route[], sent: Sent): Route | undefined {
  const fitting = routes.filter(({ fixed }) => fixed.every(([name, value]) => hasParameter(sent, name, value)));
  // A route that names more of the query is meant, also where a header that it needs is missing.
  const mostFixed = Math.max(0, ...fitting.map(({ fixed }) => fixed.length));
  const possible = fitting.filter(({ fixed }) => fixed.length === mostFixed);
  const satisfied = possible.filter((route) => isSatisfied(route, sent));
  const [best] = satisfied;
  if (best === undefined) return possible.at(-1);
  // JavaScript clients name the operation, which settles what nothing else tells apart (ListBuckets, ListDirectoryBuckets).
  const named = satisfied.find(({ operation }) => hasParameter(sent, "x-id", operation));
  return named && weight(named) === weight(best) ? named : best;
}

function isSatisfied({ requiredParameters, requiredHeaders }: Route, sent: Sent): boolean {
  return (
    requiredParameters.every((name) => hasParameter(sent, name, "")) &&
    requiredHeaders.every((name) => sent.headers[name] !== undefined)
  );
}

/** With any value, where the wanted one is empty. */
function hasParameter({ parameters }: Sent, name: string, value: string): boolean {
  return parameters.some((sent) => sent[0] === name && (value === "" || sent[1] === value));
}

function weight({ fixed, requiredParameters, requiredHeaders }: Route): number {
  return 1000 * fixed.length + requiredParameters.length + requiredHeaders.length;
}

function requirements(
  { input }: OperationModel,
  { shapes }: ServiceModel,
): Pick<Route, "requiredParameters" | "requiredHeaders"> {
  const shape = input === undefined ? undefined : shapes[input];
  if (shape?.type !== "structure") return { requiredParameters: [], requiredHeaders: [] };
  const required = (shape.required ?? []).map((name) => ({ name, member: shape.members[name] }));
  return {
    requiredParameters: required.flatMap(({ name, member }) =>
      member?.location === "querystring" ? [member.locationName ?? name] : [],
    ),
    requiredHeaders: required.flatMap(({ name, member }) =>
      member?.location === "header" ? [(member.locationName ?? name).toLowerCase()] : [],
    ),
  };
}

/** Of two that ask for the same: PutBucketLifecycleConfiguration is today's PutBucketLifecycle and goes before it; else by name. */
function byName(a: string, b: string): number {
  if (b.startsWith(a)) return 1;
  return a.startsWith(b) || a < b ? -1 : 1;
}
