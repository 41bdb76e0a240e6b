import type { JSX } from "preact";
import { instanceId } from "../instance.ts";
import { Empty, Failure } from "../parts/notes.tsx";
import { useLoaded } from "../query.ts";
import { href, route, setQuery } from "../route.ts";
import { call } from "../server.ts";

interface Found {
  readonly Contacts?: readonly {
    readonly Id: string;
    readonly Channel?: string;
    readonly InitiationMethod?: string;
    readonly InitiationTimestamp?: string;
    readonly DisconnectTimestamp?: string;
    readonly QueueInfo?: { readonly Id?: string };
    readonly AgentInfo?: { readonly Id?: string };
  }[];
  readonly NextToken?: string;
  readonly TotalCount?: number;
}

const CHANNELS = ["VOICE", "CHAT", "TASK", "EMAIL"];
const PAGE = 100;

/** The newest contacts of the last four weeks, by channel and queue. */
export function ContactsPage(): JSX.Element {
  const { query } = route.value;
  const [channel, queue, token] = [query.get("channel"), query.get("queue"), query.get("after")];
  const InstanceId = instanceId.value;
  const key = InstanceId && [InstanceId, channel, queue, token].join("|");
  const { value, error, loading } = useLoaded(
    key,
    (signal) => {
      const now = Date.now();
      const input = {
        InstanceId,
        TimeRange: { Type: "INITIATION_TIMESTAMP", StartTime: now / 1000 - 28 * 86_400, EndTime: now / 1000 + 60 },
        SearchCriteria: { ...(channel && { Channels: [channel] }), ...(queue && { QueueIds: [queue] }) },
        Sort: { FieldName: "INITIATION_TIMESTAMP", Order: "DESCENDING" },
        MaxResults: PAGE,
        ...(token && { NextToken: token }),
      };
      return call<Found>("connect", "SearchContacts", input, signal);
    },
    { everyMs: 3000 },
  );
  return (
    <>
      <h1>Contacts</h1>
      <div class="filters">
        <label>
          Channel
          <select
            value={channel ?? ""}
            onChange={(event) => setQuery({ channel: event.currentTarget.value, after: undefined })}
          >
            <option value="">all</option>
            {CHANNELS.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        {value?.TotalCount !== undefined && <span class="faint">{value.TotalCount} found</span>}
      </div>
      <Failure error={error} />
      {value?.Contacts?.length === 0 && !loading && <Empty>No contact is like that.</Empty>}
      {InstanceId && value?.Contacts && value.Contacts.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Contact</th>
              <th scope="col">Channel</th>
              <th scope="col">Begun by</th>
              <th scope="col">Began</th>
              <th scope="col">Ended</th>
            </tr>
          </thead>
          <tbody>
            {value.Contacts.map((contact) => (
              <tr key={contact.Id}>
                <th scope="row">
                  <a href={href(["contacts", InstanceId, contact.Id])}>{contact.Id}</a>
                </th>
                <td>{contact.Channel}</td>
                <td>{contact.InitiationMethod}</td>
                <td>{shown(contact.InitiationTimestamp)}</td>
                <td>{shown(contact.DisconnectTimestamp)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {value?.NextToken && (
        <button type="button" onClick={() => setQuery({ after: value.NextToken })}>
          Older
        </button>
      )}
    </>
  );
}

function shown(time: string | undefined): string {
  return time === undefined ? "" : new Date(time).toLocaleString();
}
