/**
 * What a kind of resource is made of: which operations of its API list, read, create and change it. Members of a file are those of
 * the operations' own inputs, so that all that is said here is what the models do not say.
 */

/** A JSON document: inputs and outputs of operations, with all members under their own names. */
export type Doc = Readonly<Record<string, unknown>>;

/** A resource's attributes, which references name: `Id`, `Arn`. The first is what a reference without one means. */
export type Attributes = Readonly<Record<string, string>>;

/** Calls an operation; throws `Refused`. */
export type Call = (model: string, operation: string, input: Doc) => Promise<Doc>;

export interface Kind {
  /** How a file calls it, in the plural: `Queues`. No two kinds share one. */
  readonly section: string;
  readonly model: string;
  /** The section whose entries hold entries of this one. */
  readonly parent?: string;
  /** The member that tells an entry from others in the same place. */
  readonly name: string;
  /** What says where it is: members of inputs, from the attributes and the `within` of the parent. */
  readonly within?: Readonly<Record<string, string>>;
  /** Its attributes, and the members that hold them in outputs of list, read and create; the first that is there counts. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly list: List;
  readonly read?: Read;
  readonly create: Create;
  readonly changes?: readonly Change[];
  /** What the operations that create and read do not say, and others do. */
  readonly more?: readonly More[];
  /** Members that name a resource: a plain name stands for a reference. At any depth. */
  readonly refs?: Readonly<Record<string, string>>;
  /** Members of inputs that a file may not say: what is decided here. */
  readonly hidden?: readonly string[];
  /** What stands for members that creation asks for, where they refer to what is not there yet: two flows that name each other. */
  readonly placeholders?: Doc;
  /** Members that travel as headers and say what the resource is; all others of S3 say how to call. */
  readonly headers?: readonly string[];
  /** What an export leaves out. */
  readonly isUnexported?: true;
  /** Changes make another version, which references mean from then on. */
  readonly renews?: true;
  /** Members that nothing reads back: they are given at creation, and never compared. */
  readonly secret?: readonly string[];
  /** Texts that an export writes into files beside it, and how those end. */
  readonly files?: Readonly<Record<string, string>>;
  /** Members that no operation's input has under this name. */
  readonly extra?: Readonly<Record<string, ExtraMember>>;
  /** What only an export asks for. */
  readonly exported?: (call: Call, attributes: Attributes, current: Doc) => Promise<Doc>;
  /** An export leaves out what is there without anybody having made it. */
  readonly isOwn?: (item: Doc) => boolean;
}

/** A member that no input has under this name: what it holds, and how it is told from another one. */
export interface ExtraMember {
  readonly enum?: readonly string[];
  /** Files: one, a folder or an archive of them. */
  readonly code?: true;
  /** The bytes of a file, or those of what stands there. */
  readonly bytes?: true;
  /** The text of a file, or what stands there as JSON. */
  readonly text?: true;
  /** Nothing reads it back but its digest: the member of what is read that holds that: SHA-256, or the ETag of bytes. */
  readonly digest?: string;
  readonly says: string;
}

export interface List {
  readonly operation: string;
  readonly input?: Doc;
  /** The output's member that holds the items. */
  readonly items: string;
  /** The member of an item that is its name; the item itself where it is a text. */
  readonly name?: string;
  /** Of a name that an item does not say outright. */
  readonly nameOf?: (item: Doc) => string;
  /** Asked once for each of these values; an item has the value under the member's name. */
  readonly each?: { readonly member: string; readonly values: readonly string[] };
  /** Items are read out of an output that holds them otherwise. */
  readonly itemsOf?: (output: Doc) => readonly Doc[];
  /** An output of this error: there are none. */
  readonly none?: readonly string[];
}

export interface Read {
  readonly operation: string;
  /** The output's members that lead to the resource. */
  readonly at?: readonly string[];
  /** Members of the input from attributes. */
  readonly input: Readonly<Record<string, string>>;
  /** An input that is more than that. */
  readonly inputOf?: (attributes: Attributes) => Doc;
  /** What was read, with members as inputs have them. */
  readonly shaped?: (found: Doc, call: Call, attributes: Attributes) => Doc | Promise<Doc>;
}

export interface Create {
  readonly operation: string;
  /** The entry is the only one of this list of the input. */
  readonly wrap?: string;
  /** Members that the input needs and a file need not say. */
  readonly input?: Doc;
  /** The input, where it is not what the file says of it. */
  readonly inputOf?: (members: Doc) => Doc;
  /** What an answer says that is no success. */
  readonly failure?: (output: Doc) => string | undefined;
}

export interface Change {
  readonly operation: string;
  /** Members of the input from attributes. */
  readonly input?: Readonly<Record<string, string>>;
  /** Members of entries that the input calls otherwise. */
  readonly from?: Readonly<Record<string, string>>;
  /** Only these members are taken. */
  readonly only?: readonly string[];
  /** Inputs, one for each call: of what differs, and of the whole as it shall be, with what is there as `before`. */
  readonly inputsOf?: (wanted: Doc, whole: Doc, attributes: Attributes) => readonly Doc[];
  readonly wrap?: string;
  readonly failure?: (output: Doc) => string | undefined;
}

export interface More {
  readonly operation: string;
  readonly input?: Readonly<Record<string, string>>;
  /** Members of an entry, out of the output's; none where it refuses. */
  readonly members: (output: Doc, attributes: Attributes) => Doc;
}

/** The parts of an output that is a list of documents. */
export function docs(output: Doc, member: string): readonly Doc[] {
  return (output[member] ?? []) as readonly Doc[];
}

/** What stands behind the last of some characters: the name in an ARN or a URL. */
export function lastPart(text: unknown, separator: string): string {
  return String(text).slice(String(text).lastIndexOf(separator) + 1);
}
