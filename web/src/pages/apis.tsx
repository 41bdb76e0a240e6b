import type { JSX } from "preact";
import { DataTable } from "../parts/data-table.tsx";
import { Empty, Failure } from "../parts/notes.tsx";
import { CopyButton, PageHead } from "../parts/page.tsx";
import { useLoaded } from "../query.ts";
import { read, region, session } from "../server.ts";

/** As `GET /_trunkline/apis` tells it. */
interface Stage {
  readonly apiId: string;
  readonly name: string;
  readonly kind: string;
  readonly stage: string;
  readonly url: string;
  readonly routes: readonly { readonly route: string; readonly calls: string; readonly guards: readonly string[] }[];
}

/** The stages of API Gateway: where they are called, and what answers there. */
export function ApisPage(): JSX.Element {
  const { value, error } = useLoaded(
    `${session.value?.accessKeyId} ${region.value}`,
    (signal) => read<{ stages: readonly Stage[] }>("apis", signal),
    { everyMs: 5000 },
  );
  return (
    <>
      <PageHead title="APIs" />
      <Failure error={error} />
      {value?.stages.length === 0 && <Empty>No API has a stage in {region.value}.</Empty>}
      {value?.stages.map(({ apiId, name, kind, stage, url, routes }) => (
        <section key={`${apiId} ${stage}`} class="card spaced">
          <h2>
            {name} <span class="faint">{`${kind}, stage ${stage}`}</span>
          </h2>
          <p>
            <code>{url}</code> <CopyButton text={url} label={`Copy ${url}`} />
          </p>
          <DataTable
            label={`Routes of ${name}, ${stage}`}
            rows={routes}
            keyOf={({ route }) => route}
            columns={[
              { name: "Route", cell: ({ route }) => route },
              { name: "What answers", cell: ({ calls }) => <code>{calls}</code> },
              { name: "Guarded by", cell: ({ guards }) => guards.join(", ") },
            ]}
          />
        </section>
      ))}
    </>
  );
}
