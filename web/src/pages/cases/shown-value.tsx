import type { JSX } from "preact";
import { Person } from "../../parts/person.tsx";
import { Time } from "../../parts/time.tsx";
import { href } from "../../route.ts";
import { type Domain, type Field, holdsUser, shownText, type Value } from "./domain.ts";

/** A field's value as people read it: users and profiles as links, times in the reader's clock. URLs are text: they come from anybody. */
export function ShownValue({
  domain,
  field,
  value,
}: {
  readonly domain: Domain;
  readonly field: Field;
  readonly value: Value | undefined;
}): JSX.Element {
  if (value === undefined || value.emptyValue) return <span class="faint">–</span>;
  const text = shownText(domain, field, value);
  if (field.type === "DateTime") return <Time at={value.stringValue ?? ""} />;
  if (holdsUser(field)) return <Person arn={text} />;
  if (field.fieldId === "customer_id") return <Customer arn={text} />;
  return <span class="value">{text}</span>;
}

function Customer({ arn }: { readonly arn: string }): JSX.Element {
  const [, domainName, profileId] =
    /^arn:[^:]+:profile:[^:]*:[^:]*:domains\/([^/]+)\/profiles\/([^/]+)$/.exec(arn) ?? [];
  if (!domainName || !profileId) return <span class="value">{arn}</span>;
  return (
    <a href={href(["profiles", domainName, profileId])} title={arn}>
      {domainName} / {profileId.slice(0, 8)}
    </a>
  );
}

/** A contact by its ARN, with a link to it. */
export function ContactLink({ arn }: { readonly arn: string }): JSX.Element {
  const [, instance, contact] = /:instance\/([^/]+)\/contact\/([^/]+)$/.exec(arn) ?? [];
  if (!instance || !contact) return <span title={arn}>{arn}</span>;
  return (
    <a href={href(["contacts", instance, contact])} title={arn}>
      {contact.slice(0, 8)}…
    </a>
  );
}
