import type { JSX } from "preact";
import { Arn } from "../../parts/arn.tsx";
import { ActionButton } from "../../parts/form.tsx";
import { Unfolding } from "../../parts/json.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { post, read, region, session } from "../../server.ts";
import "./deliveries.css";

interface DeliveryStream {
  readonly name: string;
  readonly source: string;
  readonly destination: string;
  readonly buffers: readonly {
    readonly kind: string;
    readonly records: number;
    readonly bytes: number;
    readonly since: string;
  }[];
  readonly waiting: readonly { readonly to: string; readonly records: number; readonly failure?: string }[];
  readonly lastDeliveries: readonly { readonly time: string; readonly records: number }[];
  readonly lastErrors: readonly { readonly time: string; readonly failure: string }[];
}

/** Firehose's delivery streams: what they gather, what waits, and what went well and wrong last. */
export function DeliveryStreamsPage(): JSX.Element {
  const { value, error, reload } = useLoaded(
    `${session.value?.accessKeyId} ${region.value}`,
    (signal) => read<{ deliveryStreams: readonly DeliveryStream[] }>("delivery-streams", signal),
    { everyMs: 2000 },
  );
  const streams = value?.deliveryStreams ?? [];
  return (
    <>
      <PageHead title="Delivery streams" />
      <Failure error={error} />
      {value && streams.length === 0 && (
        <Empty>There is no delivery stream in {region.value}. `aws firehose create-delivery-stream` makes one.</Empty>
      )}
      {streams.map((stream) => (
        <Shown key={stream.name} stream={stream} reload={reload} />
      ))}
    </>
  );
}

function Shown({ stream, reload }: { readonly stream: DeliveryStream; reload(): void }): JSX.Element {
  const { name, source, destination, buffers, waiting, lastDeliveries, lastErrors } = stream;
  const [delivered] = lastDeliveries;
  const [failed] = lastErrors;
  const bytes = buffers.reduce((sum, one) => sum + one.bytes, 0);
  const records = buffers.reduce((sum, one) => sum + one.records, 0);
  const flush = async (): Promise<string> => {
    await post(`delivery-streams/${encodeURIComponent(name)}/flush`);
    reload();
    return records > 0 ? `${records} records are on their way` : "Nothing was gathered";
  };
  return (
    <section class="card">
      <h2>{name}</h2>
      <dl class="facts">
        <dt>From</dt>
        <dd>{source === "DirectPut" ? "what is put to it" : <Arn arn={source} />}</dd>
        <dt>To</dt>
        <dd>
          <Arn arn={destination} />
        </dd>
        <dt>Gathered</dt>
        <dd>
          {records} records, {bytes} bytes{" "}
          {buffers[0] && (
            <span class="faint">
              since <Time at={buffers[0].since} />
            </span>
          )}
        </dd>
        <dt>Waiting</dt>
        <dd>
          {waiting.length} batches {waiting[0]?.failure && <span class="bad">{waiting[0].failure}</span>}
        </dd>
        <dt>Last delivered</dt>
        <dd>
          {delivered ? (
            <>
              {delivered.records} records, <Time at={delivered.time} />
            </>
          ) : (
            "nothing since the server was started"
          )}
        </dd>
        {failed && (
          <>
            <dt>Last failure</dt>
            <dd class="bad">
              <Time at={failed.time} /> {failed.failure}
            </dd>
          </>
        )}
      </dl>
      <div class="buttons">
        <ActionButton act={flush}>Flush now</ActionButton>
      </div>
      <Unfolding summary="All that is known" document={stream} />
    </section>
  );
}
