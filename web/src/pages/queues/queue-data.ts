/** What the server tells of SQS queues and dead letters: `docs/console.md`. */

export interface SqsQueue {
  readonly name: string;
  readonly arn: string;
  readonly messages?: { readonly visible: number; readonly notVisible: number; readonly delayed: number };
  readonly oldest?: string;
  readonly deadLetterArn?: string;
  readonly maxReceiveCount?: number;
  readonly isFifo?: boolean;
  readonly created?: string;
}

/** Something that sends its dead letters to a queue. */
export interface Source {
  readonly from: "eventbridge" | "sqs" | "lambda" | "sns" | "customer-profiles";
  readonly rule?: string;
  readonly target?: string;
  readonly queue?: string;
  readonly function?: string;
  readonly kind?: string;
  readonly subscription?: string;
  readonly endpoint?: string;
  readonly domain?: string;
}

export interface DeadLetterQueue extends SqsQueue {
  readonly exists?: boolean;
  readonly sources: readonly Source[];
}

/** Where a dead letter belongs, or why that cannot be told. */
export interface Origin {
  readonly from?: Source["from"];
  readonly rule?: string;
  readonly target?: string;
  readonly subscription?: string;
  readonly refused?: string;
}

export interface QueueMessage {
  readonly key: string;
  readonly messageId: string;
  readonly state: "ready" | "hidden" | "behind";
  readonly sent: string;
  readonly visibleAt?: string;
  readonly receiveCount: number;
  readonly body: string;
  readonly bodyCharacters: number;
  readonly attributes: Readonly<Record<string, { readonly dataType: string; readonly value: string }>>;
  readonly groupId?: string;
  readonly origin?: Origin;
}
