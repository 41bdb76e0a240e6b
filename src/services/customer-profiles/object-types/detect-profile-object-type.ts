import type {
  DetectProfileObjectTypeRequest,
  DetectProfileObjectTypeResponse,
} from "@aws-sdk/client-customer-profiles";
import type { JsonObject } from "../../../matching/machine.ts";
import type { Validated } from "../../../models/validated.ts";
import { isNestedTooDeep } from "../../eventbridge/index.ts";
import { parseJsonObject } from "../../json-text.ts";
import type { Context } from "../../service.ts";
import { attributesOf } from "../calculated-attributes/attribute-path.ts";
import { getDomain } from "../domain.ts";
import { badRequest } from "../errors.ts";
import { detectedMapping } from "./detected-mapping.ts";
import { writtenMapping } from "./object-mapping.ts";

const ATTRIBUTES_MAX = 120;

/** Proposes a mapping for objects like some samples; none where nothing identifies them. */
export async function detectProfileObjectType(
  input: Validated<DetectProfileObjectTypeRequest>,
  context: Context,
): Promise<DetectProfileObjectTypeResponse> {
  await getDomain(context.store, context, input.DomainName);
  const mapping = detectedMapping(input.Objects.map(parsedSample));
  return { DetectedProfileObjectTypes: mapping ? [writtenMapping(mapping)] : [] };
}

function parsedSample(text: string, index: number): JsonObject {
  const object = isNestedTooDeep(text) ? undefined : parseJsonObject(text);
  if (!object) throw badRequest("Could not parse object string into JSON");
  if (new Set(attributesOf(object).map(({ path }) => path)).size > ATTRIBUTES_MAX) {
    throw badRequest(`Objects[${index}]: at most ${ATTRIBUTES_MAX} attributes are allowed`);
  }
  return object;
}
