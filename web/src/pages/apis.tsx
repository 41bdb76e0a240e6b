import type { JSX } from "preact";
import { Empty, Failure } from "../parts/notes.tsx";
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
      <h1>APIs</h1>
      <Failure error={error} />
      {value?.stages.length === 0 && <Empty>No API has a stage in {region.value}.</Empty>}
      {value?.stages.map(({ apiId, name, kind, stage, url, routes }) => (
        <section key={`${apiId} ${stage}`} class="card spaced">
          <h2>
            {name} <span class="faint">{`${kind}, stage ${stage}`}</span>
          </h2>
          <code>{url}</code>
          <table>
            <thead>
              <tr>
                <th scope="col">Route</th>
                <th scope="col">What answers</th>
                <th scope="col">Guarded by</th>
              </tr>
            </thead>
            <tbody>
              {routes.map((one) => (
                <tr key={one.route}>
                  <th scope="row">{one.route}</th>
                  <td>
                    <code>{one.calls}</code>
                  </td>
                  <td>{one.guards.join(", ")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ))}
    </>
  );
}
