import type { TestEventPatternRequest, TestEventPatternResponse } from "@aws-sdk/client-eventbridge";
import { parseEventPattern } from "../../matching/event-pattern.ts";
import { type JsonObject, Machine } from "../../matching/machine.ts";
import type { Validated } from "../../models/validated.ts";
import { parseJsonObject } from "../json-text.ts";
import { isNestedTooDeep } from "./compact-json.ts";
import { validationError } from "./errors.ts";

const REQUIRED_IN_EVENT = ["id", "account", "source", "time", "region", "detail-type"];

/** Says whether a pattern matches an event, without a bus or a rule. */
export async function testEventPattern(input: Validated<TestEventPatternRequest>): Promise<TestEventPatternResponse> {
  const machine = new Machine<true>();
  machine.add(true, parseEventPattern(input.EventPattern));
  return { Result: machine.match(parseEvent(input.Event)).length > 0 };
}

function parseEvent(text: string): JsonObject {
  const event = isNestedTooDeep(text) ? undefined : parseJsonObject(text);
  if (!event || !REQUIRED_IN_EVENT.every((member) => Object.hasOwn(event, member))) {
    throw validationError("Parameter Event is not valid.");
  }
  return event;
}
