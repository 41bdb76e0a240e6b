import type { Method, Resource } from "@aws-sdk/client-api-gateway";
import type { DeployedRestApi } from "../deployed-api.ts";
import { decoded } from "./call.ts";

export interface FoundResource {
  readonly resource: Resource;
  readonly method: Method;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** The resources of an API by the segments of their paths. */
interface Segment {
  resource?: Resource;
  readonly exact: Map<string, Segment>;
  variable?: { readonly name: string; readonly segment: Segment };
  greedy?: { readonly name: string; readonly resource: Resource };
}

const routers = new WeakMap<DeployedRestApi, Segment>();

/**
 * The method that a call is for: a segment as it is written beats `{variable}`, which beats `{proxy+}`; a method of its own beats ANY. A
 * segment that matches but leads nowhere gives way to the next. A slash at the end names the same resource.
 */
export function findResource(deployed: DeployedRestApi, method: string, path: string): FoundResource | undefined {
  let root = routers.get(deployed);
  if (!root) {
    root = compile(deployed.resources);
    routers.set(deployed, root);
  }
  const segments = path.replace(/\/$/, "").split("/").slice(1);
  return find(root, segments, 0, method, {});
}

function compile(resources: readonly Resource[]): Segment {
  const root: Segment = { exact: new Map() };
  for (const resource of resources) {
    let at = root;
    const parts = (resource.path ?? "/").split("/").filter((part) => part !== "");
    for (const [place, part] of parts.entries()) {
      const [, name = "", plus = ""] = /^\{([^}+]+)(\+?)\}$/.exec(part) ?? [];
      if (name !== "" && plus !== "" && place === parts.length - 1) at.greedy = { name, resource };
      else if (name !== "") {
        at.variable ??= { name, segment: { exact: new Map() } };
        at = at.variable.segment;
      } else {
        const next = at.exact.get(part) ?? { exact: new Map() };
        at.exact.set(part, next);
        at = next;
      }
      if (place === parts.length - 1 && plus === "") at.resource = resource;
    }
    if (parts.length === 0) root.resource = resource;
  }
  return root;
}

/** As many tries as the path has segments: each may lead two ways, of which the second is taken where the first has no method. */
function find(
  at: Segment,
  segments: readonly string[],
  place: number,
  method: string,
  variables: Readonly<Record<string, string>>,
): FoundResource | undefined {
  const sent = segments[place];
  if (sent === undefined) return at.resource && withMethod(at.resource, method, variables);
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
  return rest === "" ? undefined : withMethod(at.greedy.resource, method, { ...variables, [at.greedy.name]: rest });
}

function withMethod(
  resource: Resource,
  name: string,
  pathParameters: Readonly<Record<string, string>>,
): FoundResource | undefined {
  const methods = resource.resourceMethods ?? {};
  const method = Object.hasOwn(methods, name) ? methods[name] : methods.ANY;
  return method && { resource, method, pathParameters };
}
