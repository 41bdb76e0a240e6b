import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { signIn } from "./server.ts";

/** Asked for only where others can reach the server too. */
export function SignIn(): JSX.Element {
  return (
    <main class="notice">
      <SignInForm />
    </main>
  );
}

export function SignInForm(): JSX.Element {
  const accessKeyId = useSignal("");
  const secret = useSignal("");
  const failure = useSignal("");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await signIn(accessKeyId.value, secret.value);
    } catch (error) {
      failure.value = (error as Error).message;
    }
  };
  return (
    <form class="card sign-in" onSubmit={(event) => void submit(event)}>
      <h1>Trunkline</h1>
      <label>
        Access key
        <input
          autocomplete="username"
          required
          value={accessKeyId.value}
          onInput={(event) => (accessKeyId.value = event.currentTarget.value)}
        />
      </label>
      <label>
        Secret
        <input
          type="password"
          autocomplete="current-password"
          required
          value={secret.value}
          onInput={(event) => (secret.value = event.currentTarget.value)}
        />
      </label>
      {failure.value && (
        <p class="bad" role="alert">
          {failure.value}
        </p>
      )}
      <button type="submit" class="primary">
        Sign in
      </button>
    </form>
  );
}
