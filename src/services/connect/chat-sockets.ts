/**
 * The WebSocket of a chat's participant. Frames are JSON texts in both directions:
 *
 *     ► {"topic":"aws/subscribe","content":{"topics":["aws/chat"]}}     ◄ {"topic":"aws/subscribe","content":{"status":"success",…}}
 *     ► {"topic":"aws/heartbeat"}                                       ◄ {"topic":"aws/heartbeat"}
 *     ► {"topic":"aws/ping"}                                            ◄ {"topic":"aws/ping","statusCode":200,"statusContent":"OK"}
 *                                                                       ◄ {"topic":"aws/chat","content":"…the item as JSON…"}
 *
 * Nothing is shown before the subscription, and nothing that happened before it.
 */
import { isJsonObject } from "../json-text.ts";
import { perStore } from "../per-store.ts";
import type { Platform } from "../service.ts";
import { type FeedEntry, listenToChat } from "./chat-feed.ts";
import { chatKey } from "./chats.ts";
import { findSender } from "./participant-service/bearers.ts";
import { SOCKET_MS } from "./participant-service/create-participant-connection.ts";
import { type Bearer, openBearer } from "./participant-tokens.ts";

/** The other end of a socket. */
export interface ChatPeer {
  send(text: string): void;
  close(code: number): void;
  readonly waitingBytes: number;
}

/** What is done with what a client sends, and when its connection ends. */
export interface ChatSession {
  received(text: string): void;
  ended(): void;
}

/** "Number of open websocket connections per participant": another one ends the oldest (our choice). */
const SOCKETS_PER_PARTICIPANT = 5;
/** What a client that does not read may leave unread before it is let go. */
const WAITING_BYTES_MAX = 1024 * 1024;

const NORMAL = 1000;
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;

const CHAT_TOPIC = "aws/chat";

/** Lets the bearer of a URL's token have a socket; `undefined` for a token that is not good, or no longer. */
export async function openChatSocket(
  platform: Platform,
  token: string,
): Promise<((peer: ChatPeer) => ChatSession) | undefined> {
  const bearer = await openBearer(platform, "socket", token);
  if (!bearer || !(await findSender(platform.store, bearer))) return undefined;
  return (peer) => new ChatSocket(platform, bearer, peer);
}

/** The open sockets of this process by participant, the oldest first. */
const socketsOf = perStore(() => new Map<string, readonly ChatSocket[]>());

class ChatSocket implements ChatSession {
  readonly #platform: Platform;
  readonly #bearer: Bearer;
  readonly #peer: ChatPeer;
  readonly #key: string;
  readonly #life: Disposable;
  #listening: Promise<Disposable> | undefined;
  #isSubscribed = false;
  #hasEnded = false;

  constructor(platform: Platform, bearer: Bearer, peer: ChatPeer) {
    this.#platform = platform;
    this.#bearer = bearer;
    this.#peer = peer;
    this.#key = `${chatKey(bearer)} ${bearer.participantId}`;
    this.#life = platform.wall.after(SOCKET_MS, () => peer.close(NORMAL));
    const siblings = socketsOf(platform.store).get(this.#key) ?? [];
    socketsOf(platform.store).set(this.#key, [...siblings, this]);
    const [oldest] = siblings;
    if (oldest && siblings.length >= SOCKETS_PER_PARTICIPANT) oldest.#peer.close(NORMAL);
  }

  received(text: string): void {
    const frame = parseFrame(text);
    switch (frame?.topic) {
      case "aws/subscribe":
        void this.#subscribe(topicsOf(frame));
        return;
      case "aws/unsubscribe":
        this.#isSubscribed = false;
        this.#answer("aws/unsubscribe", topicsOf(frame), "success");
        return;
      case "aws/heartbeat":
        this.#send({ topic: "aws/heartbeat" });
        return;
      case "aws/ping":
        this.#send({ topic: "aws/ping", statusCode: 200, statusContent: "OK" });
        return;
      default:
        this.#send({ message: "Forbidden", connectionId: this.#bearer.participantId });
    }
  }

  ended(): void {
    this.#hasEnded = true;
    this.#life[Symbol.dispose]();
    const sockets = socketsOf(this.#platform.store);
    const others = sockets.get(this.#key)?.filter((socket) => socket !== this) ?? [];
    if (others.length > 0) sockets.set(this.#key, others);
    else sockets.delete(this.#key);
    void this.#listening?.then((listening) => listening[Symbol.dispose]());
  }

  async #subscribe(topics: readonly string[]): Promise<void> {
    const unknown = topics.filter((topic) => topic !== CHAT_TOPIC);
    if (unknown.length > 0 || topics.length === 0) {
      this.#answer("aws/subscribe", topics, "failure");
      return;
    }
    try {
      this.#listening ??= listenToChat(this.#platform, this.#bearer, {
        take: (entry) => this.#take(entry),
        stopped: () => this.#peer.close(GOING_AWAY),
      });
      const listening = await this.#listening;
      // They may have left, or the chat have ended, before anybody listened for it.
      const isThere = await findSender(this.#platform.store, this.#bearer);
      if (this.#hasEnded) listening[Symbol.dispose]();
      else if (!isThere) this.#peer.close(NORMAL);
      else {
        this.#isSubscribed = true;
        this.#answer("aws/subscribe", topics, "success");
      }
    } catch (error) {
      this.#platform.log.error(error, "a chat's socket broke off");
      this.#peer.close(TRY_AGAIN_LATER);
    }
  }

  #take({ content, to, ends }: FeedEntry): void {
    const { participantId } = this.#bearer;
    if (content && this.#isSubscribed && (to === undefined || to === participantId)) {
      this.#send({ topic: CHAT_TOPIC, contentType: "application/json", content: JSON.stringify(content) });
    }
    if (ends === true || ends === participantId) this.#peer.close(NORMAL);
  }

  #answer(topic: string, topics: readonly string[], status: "success" | "failure"): void {
    this.#send({ topic, content: { status, topics } });
  }

  #send(frame: object): void {
    this.#peer.send(JSON.stringify(frame));
    if (this.#peer.waitingBytes > WAITING_BYTES_MAX) this.#peer.close(TRY_AGAIN_LATER);
  }
}

function parseFrame(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isJsonObject(parsed) ? parsed : undefined;
  } catch {
    // It is no frame then, which is told to the client.
    return undefined;
  }
}

function topicsOf({ content }: Readonly<Record<string, unknown>>): readonly string[] {
  const topics = isJsonObject(content) ? content.topics : undefined;
  return Array.isArray(topics) ? topics.filter((topic) => typeof topic === "string") : [];
}
