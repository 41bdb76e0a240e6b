/** What documents of these pages may look like: an operation's input without what the page itself gives, and objects of a type. */
import { useMemo } from "preact/hooks";
import { type Shape, type Shapes, useOperationShapes } from "../../parts/json-editor.tsx";
import type { ObjectType } from "./domain-data.ts";
import { partsOf, pathsIn } from "./sample-object.ts";

/** The input of an operation of Customer Profiles, without some members. With a type its fields are offered where conditions name some. */
export function useInputShapes(
  operation: string,
  { without, type }: { readonly without: readonly string[]; readonly type?: ObjectType | undefined },
): Shapes | undefined {
  const shapes = useOperationShapes({ model: "customer-profiles", operation });
  const left = without.join(" ");
  return useMemo(() => shapes && withFields(inputWithout(shapes, left.split(" ")), type), [shapes, left, type]);
}

function inputWithout({ input = "", shapes }: Shapes, without: readonly string[]): Shapes {
  const whole = shapes[input];
  if (whole?.type !== "structure") return { input, shapes };
  const members = Object.fromEntries(Object.entries(whole.members).filter(([name]) => !without.includes(name)));
  const required = (whole.required ?? []).filter((name) => !without.includes(name));
  return { input, shapes: { ...shapes, [input]: { ...whole, members, required } } };
}

/** Attributes of objects that conditions look at: by the field's name, or by where it stands in the object. */
function withFields({ input = "", shapes }: Shapes, type: ObjectType | undefined): Shapes {
  const attribute = shapes.ObjectAttribute;
  if (attribute?.type !== "structure" || !type) return { input, shapes };
  const fields = Object.entries(type.Fields ?? {});
  const sources = fields.flatMap(([, { Source = "" }]) => pathsIn(Source));
  const members = { ...attribute.members, FieldName: "FieldOfType", Source: "SourceInType" };
  return {
    input,
    shapes: {
      ...shapes,
      ObjectAttribute: { ...attribute, members },
      FieldOfType: hinted(
        shapes[attribute.members.FieldName ?? ""],
        fields.map(([name]) => name),
      ),
      SourceInType: hinted(shapes[attribute.members.Source ?? ""], sources),
    },
  };
}

function hinted(shape: Shape | undefined, hints: readonly string[]): Shape {
  return { ...(shape?.type === "string" ? shape : { type: "string" }), hints };
}

/** An object of a type: what its mapping reads is offered, and anything else may stand beside it. */
export function objectShapes(type: ObjectType): Shapes {
  const shapes: Record<string, Shape> = {
    Anything: { type: "any" },
    Object: { type: "structure", members: {}, others: "Anything" },
  };
  for (const { Source = "" } of Object.values(type.Fields ?? {})) {
    for (const path of pathsIn(Source)) addPath(shapes, partsOf(path));
  }
  return { input: "Object", shapes };
}

function addPath(shapes: Record<string, Shape>, parts: readonly (string | number)[]): void {
  let at = "Object";
  for (const [place, part] of parts.entries()) {
    const next = parts[place + 1];
    const kind = next === undefined ? "leaf" : typeof next === "number" ? "list" : "structure";
    const inside = `${at}.${typeof part === "number" ? "[]" : part}`;
    const shape = shapes[at];
    if (shape?.type === "list") shapes[at] = { ...shape, member: inside };
    else if (shape?.type === "structure") shapes[at] = { ...shape, members: { ...shape.members, [part]: inside } };
    if (kind === "list" && shapes[inside]?.type !== "list") shapes[inside] = { type: "list", member: "Anything" };
    else if (kind === "structure" && shapes[inside]?.type !== "structure") {
      shapes[inside] = { type: "structure", members: {}, others: "Anything" };
    } else if (kind === "leaf") shapes[inside] ??= { type: "any" };
    at = inside;
  }
}
