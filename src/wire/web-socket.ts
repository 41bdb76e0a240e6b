import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Head } from "./exchange.ts";

/** The other end of a WebSocket. */
export interface WebSocketPeer {
  /** Hands a text over; what the client does not take in waits in `waitingBytes`. Nothing happens once the connection has ended. */
  send(text: string): void;
  /** Ends the connection with one of the codes of RFC 6455, section 7.4. */
  close(code: number): void;
  readonly waitingBytes: number;
}

/** What is done on a connection. */
export interface WebSocketSession {
  received(text: string): void;
  /** The connection has ended, by whichever side. Called once. */
  ended(): void;
}

/** Says who speaks with a client that asks for a WebSocket; `undefined`: the client may not have one, which is answered with 403. */
export type WebSocketHandler = (request: Head) => Promise<((peer: WebSocketPeer) => WebSocketSession) | undefined>;

/** Messages of clients are small; what is long goes by HTTP. */
const MESSAGE_BYTES_MAX = 128 * 1024;

const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;

/** The WebSockets of one server. */
export class WebSockets {
  readonly #server: WebSocketServer = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
  });

  /** Makes a connection one of ours. Answers with false where the client's request is no proper one; it has been refused then. */
  accept(
    request: IncomingMessage,
    socket: Duplex,
    early: Buffer,
    speak: (peer: WebSocketPeer) => WebSocketSession,
  ): Promise<boolean> {
    return new Promise((resolve) => {
      // Where the handshake is not in order, `ws` answers by itself and closes.
      socket.once("close", () => resolve(false));
      this.#server.handleUpgrade(request, socket, early, (connection) => {
        converse(connection, speak);
        resolve(true);
      });
    });
  }

  /** Ends all of them; clients come again. */
  close(): void {
    for (const connection of this.#server.clients) connection.close(GOING_AWAY);
  }

  destroy(): void {
    for (const connection of this.#server.clients) connection.terminate();
  }
}

function converse(connection: WebSocket, speak: (peer: WebSocketPeer) => WebSocketSession): void {
  const session = speak({
    send: (text) => {
      if (connection.readyState === connection.OPEN) connection.send(text);
    },
    close: (code) => connection.close(code),
    get waitingBytes() {
      return connection.bufferedAmount;
    },
  });
  connection.on("message", (data: Buffer, isBinary: boolean) => {
    if (isBinary) connection.close(UNSUPPORTED_DATA);
    else if (connection.readyState === connection.OPEN) session.received(data.toString("utf8"));
  });
  // A client that breaks the protocol or goes away is told of by the close that follows.
  connection.on("error", () => {});
  connection.once("close", () => session.ended());
}
