import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Failure } from "../../parts/notes.tsx";
import { call } from "../../server.ts";
import type { AgentStatus } from "./instance-lists.ts";

/** Sets an agent's status as they would; who is signed out is signed in by it. What is refused is said beside it. */
export function StatusChoice({
  instanceId,
  userId,
  name,
  current,
  statuses,
  onSet,
}: {
  readonly instanceId: string;
  readonly userId: string;
  /** Whose status, for those who hear the page. */
  readonly name: string;
  /** The name of the status; absent for who is signed out. */
  readonly current: string | undefined;
  readonly statuses: readonly AgentStatus[];
  onSet(): void;
}): JSX.Element {
  const failure = useSignal<Error | undefined>(undefined);
  const isBusy = useSignal(false);
  const set = async (AgentStatusId: string): Promise<void> => {
    isBusy.value = true;
    failure.value = undefined;
    try {
      await call("connect", "PutUserStatus", { InstanceId: instanceId, UserId: userId, AgentStatusId });
    } catch (error) {
      failure.value = error as Error;
    }
    isBusy.value = false;
    onSet();
  };
  const chosen = statuses.find(({ Name }) => Name === current)?.Id ?? "";
  return (
    <>
      <select
        aria-label={`Status of ${name}`}
        value={chosen}
        disabled={isBusy.value}
        onChange={(event) => void set(event.currentTarget.value)}
      >
        {chosen === "" && (
          <option value="" disabled>
            {current ?? "signed out"}
          </option>
        )}
        {statuses.map(({ Id, Name }) => (
          <option key={Id} value={Id}>
            {Name}
          </option>
        ))}
      </select>
      <Failure error={failure.value} />
    </>
  );
}
