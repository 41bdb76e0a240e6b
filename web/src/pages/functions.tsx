import type { JSX } from "preact";
import { Empty, Failure } from "../parts/notes.tsx";
import { useLoaded } from "../query.ts";
import { read, region, session } from "../server.ts";

/** As `GET /_trunkline/functions` tells it. */
interface FunctionStatus {
  readonly name: string;
  readonly runtime?: string;
  readonly running: number;
  readonly sandboxes: readonly { readonly version: string; readonly state: string; readonly invocations: number }[];
  readonly backlog: number;
  readonly lastErrors: readonly { readonly time: string; readonly [member: string]: unknown }[];
}

/** Lambda functions: how they are, what waits for them, and what went wrong last. */
export function FunctionsPage(): JSX.Element {
  const { value, error } = useLoaded(
    `${session.value?.accessKeyId} ${region.value}`,
    (signal) => read<{ functions: readonly FunctionStatus[] }>("functions", signal),
    { everyMs: 2000 },
  );
  const functions = value?.functions ?? [];
  return (
    <>
      <h1>Functions</h1>
      <Failure error={error} />
      {value && functions.length === 0 && <Empty>There is no function in {region.value}.</Empty>}
      {functions.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Function</th>
              <th scope="col">Runtime</th>
              <th scope="col" class="number">
                Running
              </th>
              <th scope="col" class="number">
                Warm
              </th>
              <th scope="col" class="number">
                Events waiting
              </th>
              <th scope="col">Last failure</th>
            </tr>
          </thead>
          <tbody>
            {functions.map(({ name, runtime, running, sandboxes, backlog, lastErrors }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{runtime}</td>
                <td class="number">{running}</td>
                <td class="number">{sandboxes.length}</td>
                <td class="number">{backlog}</td>
                <td>{lastErrors[0] && JSON.stringify(lastErrors[0])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
