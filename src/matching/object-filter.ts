import type { Filter, FilterAttributeDimension } from "@aws-sdk/client-customer-profiles";
import {
  combinedBy,
  compareWithAny,
  compileEach,
  DATE_OPERATORS,
  NUMBER_OPERATORS,
  refused,
  TEXT_OPERATORS,
  valuesNeeded,
} from "./comparison.ts";
import type { Condition } from "./condition.ts";

/**
 * The filter of a calculated attribute: which objects of its type count. It is met by objects as they were ingested, or by standard objects.
 *
 *     filter     ALL, ANY or NONE of its groups (`Include`)
 *     group      ALL, ANY or NONE of its dimensions (`Type`)
 *     dimension  all of its attributes: an operator each, over the values at a path of names
 *
 * API Reference, `Filter`. The operators are those of segments, without lists; several values are alternatives. Arrays are looked into.
 */

const GROUPS_MAX = 2;
const DIMENSIONS_MAX = 10;
const VALUES_MAX = 10;

const OPERATORS = [...TEXT_OPERATORS, ...NUMBER_OPERATORS, ...DATE_OPERATORS];

/** Throws `BadRequestException` with the place of the first mistake, which begins with `at`, and the reason. */
export function compileObjectFilter({ Include, Groups }: Filter, at: string): Condition {
  const groups = compileEach(Groups, `${at}.Groups`, GROUPS_MAX, ({ Type, Dimensions }, place) => {
    const dimensions = compileEach(Dimensions, `${place}.Dimensions`, DIMENSIONS_MAX, ({ Attributes = {} }, inner) => {
      const attributes = Object.entries(Attributes);
      if (attributes.length === 0) throw refused(`${inner}.Attributes`, "at least one attribute is needed.");
      return combinedBy(
        "ALL",
        attributes.map(([name, asked]) =>
          compileAttribute(name, asked, `${inner}.Attributes[${JSON.stringify(name)}]`),
        ),
      );
    });
    return combinedBy(someOf(Type, `${place}.Type`), dimensions);
  });
  return combinedBy(someOf(Include, `${at}.Include`), groups);
}

function someOf(operator: string | undefined, at: string): "ALL" | "ANY" | "NONE" {
  if (operator === "ALL" || operator === "ANY" || operator === "NONE") return operator;
  throw refused(at, "ALL, ANY or NONE is needed.");
}

function compileAttribute(name: string, asked: FilterAttributeDimension, at: string): Condition {
  const { DimensionType: operator = "" } = asked;
  if (!OPERATORS.includes(operator)) {
    throw refused(`${at}.DimensionType`, `one of ${OPERATORS.join(", ")} is needed.`);
  }
  const values = compileEach(asked.Values, `${at}.Values`, VALUES_MAX, (text) => text);
  const isBetween = operator === "BETWEEN" || operator === "NOT_BETWEEN";
  if (isBetween && values.length !== 2) {
    throw refused(`${at}.Values`, `${operator} needs exactly 2 values, and ${values.length} are given.`);
  }
  return compareWithAny({ path: name.split("."), operator }, values, (wrong) =>
    refused(
      wrong === undefined ? `${at}.Values` : `${at}.Values[${wrong}]`,
      `${operator} needs ${valuesNeeded(operator)}.`,
    ),
  );
}
