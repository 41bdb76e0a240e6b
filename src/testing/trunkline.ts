import type { AskedServer } from "./asked-server.ts";
import { type Centre, type CentreOptions, openCentre } from "./centre.ts";
import { type ClientSettings, type Clients, clientsWith } from "./clients.ts";
import { clockOf } from "./clock.ts";
import type { Connection } from "./connection.ts";

/** A server as one access key sees it, in one Region. */
export interface Trunkline extends AskedServer {
  /** What clients take as their endpoint: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** What the constructor of every SDK client takes: `new KinesisClient(server.client)`. */
  readonly client: ClientSettings;
  /** Clients of the SDK's packages that are installed: `server.clients.kinesis`. */
  readonly clients: Clients;
  /** A contact centre with queues and agents. */
  centre(options?: CentreOptions): Promise<Centre>;
  /** The same server, with another of its access keys or in another Region. */
  as(accessKeyId: string, region?: string): Trunkline;
}

/** `onMade` is told how to end the connections of its clients. */
export function seenBy(
  connection: Connection,
  who: { readonly accessKeyId: string; readonly region: string },
  isManual: boolean,
  onMade: (close: () => void) => void,
): Trunkline {
  const { accessKeyId, region } = who;
  const client: ClientSettings = {
    endpoint: connection.url,
    region,
    credentials: { accessKeyId, secretAccessKey: accessKeyId },
    maxAttempts: 1,
    forcePathStyle: true,
  };
  const { clients, close } = clientsWith(client);
  onMade(close);
  const server: Trunkline = {
    url: connection.url,
    client,
    clients,
    clock: clockOf(connection, isManual),
    connection,
    centre: (options = {}) => openCentre(server, options),
    as: (otherKey, otherRegion = region) => {
      const other = { accessKeyId: otherKey, region: otherRegion };
      return seenBy(connection.as({ ...other, secretAccessKey: otherKey }), other, isManual, onMade);
    },
  };
  return server;
}
