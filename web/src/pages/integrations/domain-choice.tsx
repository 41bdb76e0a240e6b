import type { JSX } from "preact";
import { route, setQuery } from "../../route.ts";

/** Which domain of Customer Profiles is looked at; in the address. */
export function DomainChoice({ domains }: { readonly domains: readonly string[] }): JSX.Element {
  return (
    <div class="filters">
      <label>
        Domain{" "}
        <select
          value={route.value.query.get("domain") ?? ""}
          onChange={(event) => setQuery({ domain: event.currentTarget.value })}
        >
          <option value="">all</option>
          {domains.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
    </div>
  );
}
