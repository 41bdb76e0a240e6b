/** A client of a chat's WebSocket, of our own. */
import assert from "node:assert/strict";

export interface Frame {
  readonly topic?: string;
  readonly message?: string;
  readonly statusCode?: number;
  readonly content?: unknown;
}

/** What an `aws/chat` frame holds. */
export interface Shown {
  readonly Id: string;
  readonly Type: string;
  readonly ContentType?: string;
  readonly Content?: string;
  readonly DisplayName?: string;
  readonly ParticipantId?: string;
  readonly ContactId?: string;
  readonly InitialContactId?: string;
  readonly MessageMetadata?: { readonly MessageId: string; readonly Receipts: readonly Record<string, string>[] };
}

export class ChatClient {
  readonly frames: Frame[] = [];
  closeCode: number | undefined;
  readonly #socket: WebSocket;
  #waiting: (() => void)[] = [];

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.addEventListener("message", ({ data }) =>
      this.#changed(() => this.frames.push(JSON.parse(String(data)))),
    );
    this.#socket.addEventListener("close", ({ code }) => this.#changed(() => (this.closeCode = code)));
    this.#socket.addEventListener("open", () => this.#changed(() => {}));
    this.#socket.addEventListener("error", () => {});
  }

  /** Connected and subscribed, or it throws. */
  static async subscribe(url: string): Promise<ChatClient> {
    const client = await ChatClient.open(url);
    const answer = await client.ask({ topic: "aws/subscribe", content: { topics: ["aws/chat"] } });
    assert.deepEqual(answer, { topic: "aws/subscribe", content: { status: "success", topics: ["aws/chat"] } });
    return client;
  }

  static async open(url: string): Promise<ChatClient> {
    const client = new ChatClient(url);
    await client.until(() => client.#socket.readyState === WebSocket.OPEN || client.closeCode !== undefined);
    if (client.closeCode !== undefined) throw new Error(`The socket was refused: ${client.closeCode}`);
    return client;
  }

  get shown(): readonly Shown[] {
    return this.frames
      .filter(({ topic }) => topic === "aws/chat")
      .map(({ content }) => JSON.parse(String(content)) as Shown);
  }

  send(frame: unknown): void {
    this.#socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  /** Sends a frame, and waits for the next one that is no part of the chat. */
  async ask(frame: unknown): Promise<Frame> {
    const answers = (): readonly Frame[] => this.frames.filter(({ topic }) => topic !== "aws/chat");
    const before = answers().length;
    this.send(frame);
    await this.until(() => answers().length > before);
    return answers()[before] as Frame;
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async closed(): Promise<number | undefined> {
    await this.until(() => this.closeCode !== undefined);
    return this.closeCode;
  }

  close(): void {
    this.#socket.close();
  }

  #changed(change: () => void): void {
    change();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
