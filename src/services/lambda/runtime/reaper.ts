import { type ChildProcess, spawn } from "node:child_process";

/**
 * Ends what is left of our sandboxes when we are gone, however we went: a shell that reads which process groups there are from a pipe, whose
 * end the system closes when we die. A handler that never yields could not notice that by itself.
 */
export class Reaper {
  readonly #child: ChildProcess;

  /** `folder` is removed in the end. */
  constructor(folder: string) {
    this.#child = spawn("/bin/sh", ["-c", SCRIPT, "trunkline-reaper", folder, process.execPath, KILL_ALL_AS], {
      // A group of its own, so that Ctrl-C in a terminal does not end it first.
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
      env: { PATH: process.env.PATH ?? "/usr/bin:/bin" },
      cwd: "/",
    });
    this.#child.on("error", () => {});
    this.#child.stdin?.on("error", () => {});
    this.#child.unref();
    (this.#child.stdin as { unref?(): void } | null)?.unref?.();
  }

  /** `user`: a user id that the group's processes alone have. */
  began(group: number, user: number | undefined): void {
    this.#child.stdin?.write(`+ ${group} ${user ?? 0}\n`);
  }

  ended(group: number): void {
    this.#child.stdin?.write(`- ${group} 0\n`);
  }

  /** All sandboxes have ended. */
  close(): void {
    this.#child.stdin?.end();
  }
}

/** What left its group has kept its user, and is killed as that user: one by one, those that fork would get away. */
const KILL_ALL_AS = "const [, user] = process.argv; process.setgid(+user); process.setuid(+user); process.kill(-1, 9);";

const SCRIPT = `
folder=$1
node=$2
killAllAs=$3
groups=" "
while read -r verb group user; do
  if [ "$verb" = + ]; then groups="$groups$group:$user "
  else
    kept=" "
    for one in $groups; do [ "\${one%%:*}" = "$group" ] || kept="$kept$one "; done
    groups=$kept
  fi
done
for one in $groups; do
  kill -9 -- "-\${one%%:*}" 2>/dev/null
  [ "\${one##*:}" = 0 ] || "$node" -e "$killAllAs" "\${one##*:}" 2>/dev/null
done
rm -rf -- "$folder"
`;
