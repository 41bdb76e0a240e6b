import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Empty, Failure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { lastDomain } from "../../profile-domain.ts";
import { useLoaded } from "../../query.ts";
import { go, href } from "../../route.ts";
import { call, region, session } from "../../server.ts";

interface DomainItem {
  readonly DomainName: string;
  readonly CreatedAt?: string;
}

/** The names of the account's domains. */
export function useDomains(): { readonly value: readonly string[] | undefined; readonly error: Error | undefined } {
  return useLoaded(`${session.value?.accessKeyId} ${region.value}`, async (signal) => {
    const names: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await call<{ Items?: readonly DomainItem[]; NextToken?: string }>(
        "customer-profiles",
        "ListDomains",
        { MaxResults: 100, NextToken },
        signal,
      );
      names.push(...(page.Items ?? []).map(({ DomainName }) => DomainName));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return names;
  });
}

/** Goes on to the domain that was looked at last, or the only one; else offers them. */
export function ProfilesPage(): JSX.Element {
  const { value, error } = useDomains();
  const only = value?.length === 1 ? value[0] : undefined;
  const next = value?.find((name) => name === lastDomain.value) ?? only;
  useEffect(() => {
    if (next !== undefined) go(href(["profiles", next]), { replace: true });
  }, [next]);
  return (
    <>
      <PageHead title="Profiles" />
      <Failure error={error} />
      {value?.length === 0 && (
        <Empty>
          There is no Customer Profiles domain in {region.value}.{" "}
          <a href={href(["api"], { model: "customer-profiles", operation: "CreateDomain", input: NEW_DOMAIN })}>
            Create one
          </a>
          , or run <code>node examples/shop.mjs</code>.
        </Empty>
      )}
      {next === undefined && (
        <ul class="cards">
          {(value ?? []).map((name) => (
            <li key={name} class="card">
              <a href={href(["profiles", name])}>{name}</a>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const NEW_DOMAIN = JSON.stringify({ DomainName: "customers", DefaultExpirationDays: 366 }, undefined, 2);
