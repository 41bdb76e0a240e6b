import type { SharedTest, TokenTest, Vocabulary } from "./vocabulary.ts";

/** Contiguous tests of tokens, each of one token; at least one. */
export type Phrase = TokenTest[];

/** Phrases, from their last token to their first, so that those with the same end share nodes. */
export class PhraseTrie<User> {
  readonly root: PhraseNode<User> = newNode(undefined, undefined);
  readonly #vocabulary: Vocabulary;

  /** Tries of one vocabulary are asked for the same tokens together. */
  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** The node of a phrase, which stays until it was released as often as it was held. */
  hold(phrase: Phrase): PhraseNode<User> {
    let node = this.root;
    for (const test of phrase.toReversed()) node = this.#child(node, test);
    node.holders += 1;
    return node;
  }

  release(held: PhraseNode<User>): void {
    held.holders -= 1;
    let node = held;
    while (node.holders === 0 && node.children === undefined && node.parent && node.test) {
      const { parent, test } = node;
      this.#vocabulary.release(test);
      parent.children?.delete(test);
      if (parent.children?.size === 0) parent.children = undefined;
      node = parent;
    }
  }

  #child(node: PhraseNode<User>, test: TokenTest): PhraseNode<User> {
    const shared = this.#vocabulary.acquire(test);
    const known = node.children?.get(shared);
    if (known !== undefined) {
      // The child holds its test already.
      this.#vocabulary.release(shared);
      return known;
    }
    const child = newNode(node, shared);
    node.children ??= new Map();
    node.children.set(shared, child);
    return child;
  }
}

export interface PhraseNode<User> {
  readonly parent: PhraseNode<User> | undefined;
  readonly test: SharedTest | undefined;
  /** How many tokens its phrase has. */
  readonly length: number;
  children: Map<SharedTest, PhraseNode<User>> | undefined;
  holders: number;
  /** Whom each occurrence of its phrase concerns, whatever else was found. */
  users: Set<User> | undefined;
}

function newNode<User>(parent: PhraseNode<User> | undefined, test: SharedTest | undefined): PhraseNode<User> {
  const length = parent === undefined ? 0 : parent.length + 1;
  return { parent, test, length, children: undefined, holders: 0, users: undefined };
}
