/** An agent as they are now: `GET /_trunkline/agents/INSTANCE/USER`. */
export interface AgentView {
  readonly userId: string;
  readonly isSignedIn: boolean;
  readonly status: { readonly id: string; readonly name: string; readonly type: string; readonly startMs: number };
  readonly nextStatus?: { readonly name: string; readonly enqueuedMs: number };
  readonly contacts: readonly AgentContact[];
}

export interface AgentContact {
  readonly id: string;
  readonly channel: "VOICE" | "CHAT" | "TASK" | "EMAIL";
  readonly initiationMethod: string;
  /** The first one of the contacts that it belongs to: of a second leg the customer's. */
  readonly initialContactId?: string;
  readonly queue?: { readonly id: string; readonly name?: string };
  readonly state: string;
  readonly stateStartMs: number;
  readonly connectedMs?: number;
}

export function agentPath(instanceId: string, userId: string): string {
  return `agents/${encodeURIComponent(instanceId)}/${encodeURIComponent(userId)}`;
}
