/**
 * What a resource type is to a stack: which properties it has, and which operations of which service make, change and delete it. All of them go
 * through the front door as whoever made the stack, so validation, permissions and errors are those of the service.
 */
import type { DocumentCall } from "../service.ts";
import type { Signal } from "./signals.ts";

export type Properties = Readonly<Record<string, unknown>>;

// biome-ignore lint/suspicious/noExplicitAny: answers of operations of twenty models; each is read where it is asked for.
export type Answer = any;

/** What a type is given to work with. */
export interface Work {
  readonly account: string;
  readonly region: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** As the template has it: `Custom::Thing`. */
  readonly type: string;
  /** Resolved. */
  readonly properties: Properties;
  /** The name that the template gives, or else one that is made up once for this creation. */
  readonly name: string;
  /** The same for every try of this creation: for operations that take a client token. */
  readonly token: string;
  /** The tags of the stack and of the resource, which win. */
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  /** The address clients use, without a trailing slash. */
  readonly endpoint: string;
  /**
   * Calls an operation with what its model has of `input`: names of members in any case, numbers and booleans as texts, documents as
   * objects. Throws `CallFailure`.
   */
  call(model: string, operation: string, input: Properties): Promise<Answer>;
}

/** A creation takes several calls: what it says has begun is deleted where a later one fails. */
export interface Creating extends Work {
  began(physicalId: string): void;
}

export interface Existing extends Work {
  readonly physicalId: string;
  readonly attributes: Properties;
}

export interface Changing extends Existing {
  readonly before: Properties;
  /** The keys of the tags that it had, those of the stack among them. */
  readonly tagKeysBefore: readonly string[];
  /** Whether a property differs. */
  changed(...names: readonly string[]): boolean;
}

export interface Made {
  readonly physicalId: string;
  /** What `Fn::GetAtt` answers. */
  readonly attributes?: Properties;
}

/** What a creation, change or deletion waits for before it is through: signals with its token. */
export interface Awaited {
  readonly awaited: {
    readonly token: string;
    /** How many signals, failures apart: the first of those ends the wait. */
    readonly count: number;
    /** Absent: it waits as long as it takes. */
    readonly waitMs?: number;
    /** What a creation has begun, if it can tell already. */
    readonly physicalId?: string;
  };
}

/** What has come by then. `isLate`: the time is over, and it was not enough. */
export interface Told {
  readonly signals: readonly Signal[];
  readonly count: number;
  readonly isLate: boolean;
  /** What a creation said that it had begun. */
  readonly physicalId: string | undefined;
}

/** A failure that tells what there is all the same. */
export class ToldFailure extends Error {
  readonly physicalId: string | undefined;

  constructor(message: string, physicalId?: string) {
    super(message);
    this.name = "ToldFailure";
    this.physicalId = physicalId;
  }
}

export interface ResourceType {
  /** Those that a change can be made of, and those whose change means another resource. `*`: any property. */
  readonly updatable: readonly string[];
  readonly replacing: readonly string[];
  readonly required: readonly string[];
  /** The property with the resource's own name, which is made up where it is absent. */
  readonly name?: NameRule;
  create(creating: Creating): Promise<Made | Awaited>;
  update?(changing: Changing): Promise<Properties | Awaited | undefined>;
  // biome-ignore lint/suspicious/noConfusingVoidType: most deletions answer with nothing.
  remove(existing: Existing): Promise<Awaited | void>;
  /**
   * What a creation, change or deletion that waited has made, by what it was told. Throws where that was a failure, `ToldFailure` where
   * something is there all the same. Types without it wait for nobody.
   */
  told?(work: Work, told: Told, before: Made | undefined): Made;
  /** Signals are taken for its token as long as its stack is there. */
  readonly isSignalled?: true;
  /** An update of it that waits is waited for, even where its stack is to go back already. */
  readonly isUninterrupted?: true;
  /** An update looks at it whether its properties differ or not: what they name may be another. */
  readonly isAlwaysChanged?: true;
  /** Finds by its name what a creation has made that was cut short before it was noted. */
  find?(work: Work): Promise<Made | Awaited | undefined>;
  /** Does what a creation does behind the call after which `find` finds it. */
  complete?(work: Work): Promise<void>;
  /** Of types without `find`: what tells what such a creation has made from what was there before. */
  readonly recovery?: Recovery;
}

/** Nothing but its id may tell a resource from others: those like it are noted before it is made. */
export interface Recovery {
  /** The physical ids of what is there and looks as this one will. */
  candidates(work: Work): Promise<readonly string[]>;
  /** Does what follows the call that made it. */
  complete(work: Creating, physicalId: string): Promise<Made>;
}

export interface NameRule {
  readonly property: string;
  readonly charactersMax: number;
  readonly isLowerCase?: boolean;
  /** Behind a name that is made up. */
  readonly suffix?: (properties: Properties) => string;
}

/** An operation's refusal. */
export class CallFailure extends Error {
  readonly call: DocumentCall;
  readonly code: string;
  readonly status: number;

  constructor(call: DocumentCall, status: number, code: string, message: string) {
    super(message);
    this.name = "CallFailure";
    this.call = call;
    this.code = code;
    this.status = status;
  }

  get isNotFound(): boolean {
    return this.status === 404 || /NotFound|NoSuch|NonExistent|DoesNotExist/i.test(this.code);
  }

  get isDuplicate(): boolean {
    return /AlreadyExist|AlreadyOwned|Duplicate|NameExists|InUse|Conflict/i.test(this.code);
  }
}

/** Words of a text: lists of properties read better without quotes. */
export function words(text: string): readonly string[] {
  return text.split(/\s+/).filter(Boolean);
}
