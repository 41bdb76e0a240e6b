import type { JSX } from "preact";
import { Empty, Failure } from "../parts/notes.tsx";
import { Tail } from "../parts/tail.tsx";
import { useLoaded } from "../query.ts";
import { href, route } from "../route.ts";
import { call, region, session } from "../server.ts";

interface Streams {
  readonly StreamSummaries?: readonly {
    readonly StreamName: string;
    readonly StreamStatus: string;
    readonly StreamModeDetails?: { readonly StreamMode: string };
    readonly StreamCreationTimestamp?: string;
  }[];
}

const MOST = 1000;

/** The Kinesis streams of the account. */
export function StreamsPage(): JSX.Element {
  const { value, error } = useLoaded(
    `${session.value?.accessKeyId} ${region.value}`,
    (signal) => call<Streams>("kinesis", "ListStreams", { Limit: MOST }, signal),
    { everyMs: 5000 },
  );
  const streams = value?.StreamSummaries ?? [];
  return (
    <>
      <h1>Streams</h1>
      <Failure error={error} />
      {value && streams.length === 0 && <Empty>There is no stream in {region.value}.</Empty>}
      {streams.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Stream</th>
              <th scope="col">State</th>
              <th scope="col">Mode</th>
              <th scope="col">Created</th>
            </tr>
          </thead>
          <tbody>
            {streams.map(({ StreamName, StreamStatus, StreamModeDetails, StreamCreationTimestamp }) => (
              <tr key={StreamName}>
                <th scope="row">
                  <a href={href(["streams", StreamName])}>{StreamName}</a>
                </th>
                <td>{StreamStatus}</td>
                <td>{StreamModeDetails?.StreamMode}</td>
                <td>{StreamCreationTimestamp && new Date(StreamCreationTimestamp).toLocaleString()}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

interface Record {
  readonly ApproximateArrivalTimestamp?: string;
  readonly PartitionKey?: string;
  readonly Data?: string;
}

/** One stream: its records as they arrive. Looking takes nothing from its consumers. */
export function StreamPage(): JSX.Element {
  const [, name = ""] = route.value.path;
  return (
    <>
      <h1>Stream {name}</h1>
      <Tail
        name={name}
        summaryOf={(document) => {
          const { ApproximateArrivalTimestamp = "", PartitionKey = "", Data = "" } = document as Record;
          return `${ApproximateArrivalTimestamp.slice(11, 23)}  ${PartitionKey}  ${Data.slice(0, 160)}`;
        }}
      />
    </>
  );
}
