/** The query protocol: a form in, XML out. STS and IAM speak it, and older clients and API Gateway still do to SQS. */
import { catalogEntry } from "../../models/catalog.ts";
import type { ListShape, MapShape, Member, ServiceModel, Shape, StructureShape } from "../../models/model.ts";
import { shapeNamed, structureNamed } from "../../models/shapes.ts";
import type { RawResponse } from "../raw-message.ts";
import { fault } from "./errors.ts";
import { assertNesting } from "./malformed.ts";
import { formOf, parseParameters } from "./parameters.ts";
import type { Protocol } from "./protocol.ts";
import { parseText } from "./text.ts";
import { setEntry } from "./tree.ts";
import { element, escapeXml, formatXml } from "./xml.ts";

/** SQS's model describes its JSON protocol and so names no XML namespace. */
const SQS_NAMESPACE = "http://queue.amazonaws.com/doc/2012-11-05/";

export const query: Protocol = {
  decodeInput({ model, operation, request }) {
    if (operation.input === undefined) return {};
    const form = formOf(request);
    const shape = structureNamed(model, operation.input);
    const { queryPathMember } = catalogEntry(model.name);
    const isInPath = queryPathMember !== undefined && queryPathMember in shape.members && request.path !== "/";
    return {
      ...(isInPath && { [queryPathMember]: request.path }),
      ...decodeStructure(model, shape, nest(parseParameters(form)), 0),
    };
  },

  encodeOutput({ model, name, operation }, output, requestId) {
    const style = { queryNames: model.queryCompatible === true };
    const content = operation.output === undefined ? "" : formatXml(model, operation.output, output, style);
    const result = operation.output === undefined ? "" : element(operation.resultWrapper ?? `${name}Result`, content);
    const metadata = element("ResponseMetadata", element("RequestId", escapeXml(requestId)));
    return xmlResponse(200, element(`${name}Response`, result + metadata, namespace(model)), requestId);
  },

  encodeError(model, error, _request, requestId) {
    const content =
      element("Type", fault(error)) +
      element("Code", escapeXml(error.code)) +
      element("Message", escapeXml(error.message));
    const id = element("RequestId", escapeXml(requestId));
    return xmlResponse(
      error.status,
      element("ErrorResponse", element("Error", content) + id, namespace(model)),
      requestId,
    );
  },
};

function xmlResponse(status: number, xml: string, requestId: string): RawResponse {
  return { status, headers: { "content-type": "text/xml", "x-amzn-requestid": requestId }, body: Buffer.from(xml) };
}

function namespace(model: ServiceModel | undefined): string {
  const uri = model?.queryCompatible ? SQS_NAMESPACE : model?.xmlNamespace;
  return uri === undefined ? "" : ` xmlns="${escapeXml(uri)}"`;
}

/** `Tags.member.1.Key=a` as a tree of the names between the dots. */
interface Branch {
  text?: string;
  readonly children: Map<string, Branch>;
}

function nest(parameters: ReadonlyMap<string, readonly string[]>): Branch {
  const root: Branch = { children: new Map() };
  for (const [name, values] of parameters) {
    let branch = root;
    for (const segment of name.split(".")) {
      const child = branch.children.get(segment) ?? { children: new Map() };
      branch.children.set(segment, child);
      branch = child;
    }
    branch.text = String(values[0]);
  }
  return root;
}

function decodeStructure(
  model: ServiceModel,
  shape: StructureShape,
  branch: Branch,
  level: number,
): Record<string, unknown> {
  assertNesting(level);
  const value: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(shape.members)) {
    const child = branch.children.get(parameterName(model, name, member));
    if (child !== undefined) value[name] = decodeBranch(model, member, child, level + 1);
  }
  return value;
}

function parameterName(model: ServiceModel, name: string, member: Member): string {
  const shape = shapeNamed(model, member.shape);
  const queryName = shape.type === "list" || shape.type === "map" ? shape.queryName : undefined;
  return queryName ?? member.locationName ?? name;
}

function decodeBranch(model: ServiceModel, member: Member, branch: Branch, level: number): unknown {
  const shape = shapeNamed(model, member.shape);
  switch (shape.type) {
    case "structure":
      return decodeStructure(model, shape, branch, level);
    case "list":
      return elements(model, shape, member, branch, "member").map((item) =>
        decodeBranch(model, shape.member, item, level + 1),
      );
    case "map":
      return decodeMap(model, shape, member, branch, level);
    default:
      return parseText(shape as Shape, branch.text ?? "");
  }
}

function decodeMap(
  model: ServiceModel,
  shape: MapShape,
  member: Member,
  branch: Branch,
  level: number,
): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const entry of elements(model, shape, member, branch, "entry")) {
    const key = entry.children.get(shape.key.locationName ?? "key")?.text;
    const item = entry.children.get(shape.value.locationName ?? "value");
    if (key !== undefined && item !== undefined)
      setEntry(value, key, decodeBranch(model, shape.value, item, level + 1));
  }
  return value;
}

/** The numbered elements of a list or map, in the order of their numbers. */
function elements(
  model: ServiceModel,
  shape: ListShape | MapShape,
  member: Member,
  branch: Branch,
  wrapper: "member" | "entry",
): Branch[] {
  const flattened = model.queryCompatible || shape.flattened || member.flattened;
  const numbered = flattened ? branch : branch.children.get(wrapper);
  return [...(numbered?.children ?? [])]
    .filter(([number]) => /^\d{1,9}$/.test(number))
    .sort(([one], [other]) => Number(one) - Number(other))
    .map(([, element]) => element);
}
