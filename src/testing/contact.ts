import type { AskedServer } from "./asked-server.ts";

/** How fast people talk: 150 words a minute. */
const WORDS_PER_SECOND = 2.5;

type Act = (contact: Contact) => Promise<unknown>;

/** What a customer does. Each act follows the one before, and is over, with all that follows from it, when it is awaited. */
abstract class CustomerActs {
  protected abstract next(act: Act): ContactActs;

  /** Says a sentence; in a chat they write it. On a call, with a manual clock, it takes as long as it takes to say. */
  says(text: string): ContactActs {
    return this.next((contact) => contact.speak("CUSTOMER", text));
  }

  /** Presses keys that the flow waits for. */
  presses(keys: string): ContactActs {
    return this.next((contact) => contact.act("input", { text: keys }));
  }

  /** Lets time pass. With a manual clock alone. */
  waits(duration: string): ContactActs {
    return this.next((contact) => contact.server.clock.advance(duration));
  }

  hangsUp(): ContactActs {
    return this.next((contact) => contact.act("hang-up", {}));
  }
}

/** A contact as the control endpoint tells of it: `docs/contact-control.md`. */
export interface ContactView {
  readonly contactId: string;
  readonly state: string;
  readonly offeredTo: string | null;
  readonly agent: string | null;
  readonly record: Readonly<Record<string, unknown>>;
  readonly said: readonly { readonly speaker: string; readonly text: string; readonly at: string }[];
}

/** A call, chat, task or e-mail that has arrived. */
export class Contact extends CustomerActs {
  readonly server: AskedServer;
  readonly instanceId: string;
  readonly id: string;
  readonly channel: "VOICE" | "CHAT" | "TASK" | "EMAIL";

  constructor(server: AskedServer, arrived: Pick<Contact, "instanceId" | "id" | "channel">) {
    super();
    this.server = server;
    this.instanceId = arrived.instanceId;
    this.id = arrived.id;
    this.channel = arrived.channel;
  }

  /** How it is now. */
  async view(): Promise<ContactView> {
    return await this.server.connection.ask("GET", `contacts/${this.instanceId}/${this.id}`);
  }

  /** One of the acts of `docs/contact-control.md`. */
  async act(act: string, body: object): Promise<void> {
    await this.server.connection.ask("POST", `contacts/${this.instanceId}/${this.id}/${act}`, body);
    await this.server.clock.settle();
  }

  /** @internal */
  async speak(speaker: "CUSTOMER" | "AGENT", text: string): Promise<void> {
    const { clock } = this.server;
    const takesTime = this.channel === "VOICE" && clock.isManual;
    const seconds = takesTime ? Math.max(1, Math.ceil(text.trim().split(/\s+/).length / WORDS_PER_SECOND)) : 0;
    await this.act("say", { speaker, text, seconds });
    if (takesTime) await clock.advance(`PT${seconds}S`);
  }

  protected override next(act: Act): ContactActs {
    return new ContactActs(act(this).then(() => this));
  }

  override toString(): string {
    return `${this.channel} contact ${this.id}`;
  }
}

/** A contact to which something is happening. Awaited, it is the contact. */
export class ContactActs extends CustomerActs implements PromiseLike<Contact> {
  readonly #contact: Promise<Contact>;

  constructor(contact: Promise<Contact>) {
    super();
    this.#contact = contact;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is to be awaited.
  then<R = Contact, E = never>(
    onDone?: ((contact: Contact) => R | PromiseLike<R>) | null,
    onFailed?: ((error: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    return this.#contact.then(onDone, onFailed);
  }

  protected override next(act: Act): ContactActs {
    return new ContactActs(this.#contact.then((contact) => act(contact).then(() => contact)));
  }
}
