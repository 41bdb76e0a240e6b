import type { AskedServer } from "./asked-server.ts";
import type { Contact } from "./contact.ts";
import { waitFor } from "./waiting.ts";

type Act = (agent: Agent) => Promise<unknown>;

/** A contact, or what is still happening to it. */
export type AnyContact = Contact | PromiseLike<Contact>;

/** Where an agent hands a contact over to: a queue or agent of the centre by name, or somebody outside. */
export type TransferTarget = { readonly queue: string } | { readonly agent: string } | { readonly number: string };

/**
 * What an agent does. Each act follows the one before, and is over, with all that follows from it, when it is awaited. Where no contact is
 * given, the one is meant that they answered last.
 */
abstract class Work {
  protected abstract next(act: Act): AgentActs;

  /** Signs in, in a status of the instance. */
  signsIn(status: string = "Available"): AgentActs {
    return this.next(async (agent) => {
      await agent.act("sign-in", {});
      await agent.enter(status);
    });
  }

  /** Changes to a status: `Available`, `Offline` or one of the instance's own. */
  becomes(status: string): AgentActs {
    return this.next((agent) => agent.enter(status));
  }

  signsOut(): AgentActs {
    return this.next((agent) => agent.act("sign-out", {}));
  }

  /** Takes a contact that is offered to them. */
  answers(contact: AnyContact): AgentActs {
    return this.next(async (agent) => agent.answer(await contact));
  }

  /** Declines one. */
  declines(contact: AnyContact): AgentActs {
    return this.next(async (agent) => {
      const offered = await contact;
      await agent.offerOf(offered);
      await agent.act("reject", { contactId: offered.id });
    });
  }

  /** Says a sentence to the customer; in a chat they write it. */
  says(text: string, contact?: AnyContact): AgentActs {
    return this.next(async (agent) => ((await contact) ?? agent.current("says something")).speak("AGENT", text));
  }

  holds(contact?: AnyContact): AgentActs {
    return this.#onContact("hold", contact);
  }

  resumes(contact?: AnyContact): AgentActs {
    return this.#onContact("resume", contact);
  }

  /** Ends the conversation; completes a task. */
  hangsUp(contact?: AnyContact): AgentActs {
    return this.#onContact("hang-up", contact);
  }

  /** Ends after-contact work. */
  clears(contact?: AnyContact): AgentActs {
    return this.#onContact("clear", contact);
  }

  transfersTo(target: TransferTarget, contact?: AnyContact): AgentActs {
    return this.next(async (agent) => {
      const { id } = (await contact) ?? agent.current("transfers something");
      await agent.act("transfer", { contactId: id, to: agent.centre.placeOf(target) });
    });
  }

  /** Leaves the customer to whoever they are being transferred to. */
  leaves(contact?: AnyContact): AgentActs {
    return this.#onContact("leave", contact);
  }

  #onContact(act: string, contact: AnyContact | undefined): AgentActs {
    return this.next(async (agent) => {
      const { id } = (await contact) ?? agent.current(act);
      await agent.act(act, { contactId: id });
    });
  }
}

/** What agents know of their centre. */
interface Workplace {
  readonly server: AskedServer;
  readonly instanceId: string;
  readonly statusIds: Readonly<Record<string, string>>;
  placeOf(target: TransferTarget): object;
}

interface AgentView {
  readonly status?: { readonly name: string };
  readonly contacts: readonly { readonly id: string; readonly state: string }[];
}

export class Agent extends Work {
  readonly name: string;
  readonly userId: string;
  /** @internal */
  readonly centre: Workplace;
  #contact: Contact | undefined;

  /** @internal */
  constructor(centre: Workplace, name: string, userId: string) {
    super();
    this.centre = centre;
    this.name = name;
    this.userId = userId;
  }

  /** As the control endpoint tells of them; `null` before they first sign in. */
  async view(): Promise<AgentView | null> {
    const { server, instanceId } = this.centre;
    return (await server.connection.ask("GET", `agents/${instanceId}/${this.userId}`)).agent;
  }

  /** One of the acts of `docs/contact-control.md`. */
  async act(act: string, body: object): Promise<void> {
    const { server, instanceId } = this.centre;
    await server.connection.ask("POST", `agents/${instanceId}/${this.userId}/${act}`, body);
    await server.clock.settle();
  }

  /** @internal */
  async enter(status: string): Promise<void> {
    const { [status]: agentStatusId, ...others } = this.centre.statusIds;
    if (agentStatusId === undefined) {
      throw new Error(`${this.name}: there is no status ${status}; there are ${Object.keys(others).join(", ")}`);
    }
    await this.act("status", { agentStatusId });
  }

  /** @internal Who accepts by themselves has it already. */
  async answer(contact: Contact): Promise<void> {
    const state = await this.offerOf(contact);
    this.#contact = contact;
    if (state !== "CONNECTED") await this.act("accept", { contactId: contact.id });
  }

  /** @internal The state of a contact that is offered to them. Throws where it is not. */
  async offerOf(contact: Contact): Promise<string> {
    const look = async (): Promise<string | undefined> => {
      const view = await this.view();
      const held = view?.contacts.find(({ id }) => id === contact.id);
      return held && ["CONNECTING", "INCOMING", "CONNECTED"].includes(held.state) ? held.state : undefined;
    };
    const state = await waitFor(this.centre.server.clock, {}, look, (found) => found !== undefined);
    return state ?? (await this.#missing(contact));
  }

  async #missing(contact: Contact): Promise<never> {
    const [view, { state, offeredTo, agent }] = await Promise.all([this.view(), contact.view()]);
    const own = view === null ? "has not signed in" : `is ${view.status?.name ?? "signed out"}`;
    const elsewhere = offeredTo ?? agent;
    const where = elsewhere === null || elsewhere === this.userId ? "" : `, with user ${elsewhere}`;
    throw new Error(`${contact} is not offered to ${this.name}: it is ${state}${where}, and ${this.name} ${own}`);
  }

  /** @internal */
  current(act: string): Contact {
    if (this.#contact === undefined) throw new Error(`${this.name} ${act}, and has answered nothing: name the contact`);
    return this.#contact;
  }

  protected override next(act: Act): AgentActs {
    return new AgentActs(act(this).then(() => this));
  }
}

/** An agent who is doing something. Awaited, it is the agent. */
export class AgentActs extends Work implements PromiseLike<Agent> {
  readonly #agent: Promise<Agent>;

  constructor(agent: Promise<Agent>) {
    super();
    this.#agent = agent;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is to be awaited.
  then<R = Agent, E = never>(
    onDone?: ((agent: Agent) => R | PromiseLike<R>) | null,
    onFailed?: ((error: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    return this.#agent.then(onDone, onFailed);
  }

  protected override next(act: Act): AgentActs {
    return new AgentActs(this.#agent.then((agent) => act(agent).then(() => agent)));
  }
}
