import type { JSX } from "preact";
import { nameOfUser, parseUserArn } from "../people.ts";
import { href } from "../route.ts";

/** Who did something or is asked to: a user by name, with a link to them, and anybody else as they are told. */
export function Person({ arn }: { readonly arn: string }): JSX.Element {
  const place = parseUserArn(arn);
  if (!place) return <span title={arn}>{arn.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, "")}</span>;
  return (
    <a href={href(["agents", place.instanceId, place.userId])} title={arn}>
      {nameOfUser(place) ?? place.userId.slice(0, 8)}
    </a>
  );
}
