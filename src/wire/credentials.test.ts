import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { addCredential, CredentialsError, parseCredentials, removeCredential } from "./credentials.ts";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "trunkline-credentials-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function refused(text: string): string {
  try {
    parseCredentials(text, "keys.txt");
  } catch (error) {
    assert.ok(error instanceof CredentialsError);
    return error.message;
  }
  return assert.fail("accepted");
}

test("rows have key, secret and account, with commas or blanks between", () => {
  const text = "# keys\n\nAKIA1, s/e+c=r#et, 111122223333\r\n  AKIA2\tother 222233334444 # the second\n";
  assert.deepEqual(parseCredentials(text, "keys.txt"), [
    { accessKeyId: "AKIA1", secretAccessKey: "s/e+c=r#et", account: "111122223333" },
    { accessKeyId: "AKIA2", secretAccessKey: "other", account: "222233334444" },
  ]);
});

test("a bad row is named in one line that does not show the secret", () => {
  assert.equal(refused("\nAKIA1 hidden"), "keys.txt, row 2: expected key, secret and account, found 2 of them");
  assert.equal(
    refused("hid/den AKIA1 111122223333"),
    "keys.txt, row 1: the key is not 1 to 128 letters, digits or _.+=@-",
  );
  assert.equal(refused("AKIA1 hidden 1111"), "keys.txt, row 1: the account is not 12 digits");
  assert.equal(
    refused("AKIA1 hidden 111122223333\nAKIA2 a 111122223333\nAKIA1 b 111122223333"),
    "keys.txt, row 3: the key AKIA1 is in row 1 already",
  );
});

test("adding and removing keep other rows and comments, and the file is the owner's alone", (t) => {
  const file = join(folder(t), "new", "credentials");
  addCredential(file, { accessKeyId: "A", secretAccessKey: "a", account: "111122223333" });
  writeFileSync(file, `# mine\n${readFileSync(file, "utf8")}B b 111122223333`);
  addCredential(file, { accessKeyId: "C", secretAccessKey: "c", account: "111122223333" });
  assert.equal(readFileSync(file, "utf8"), "# mine\nA, a, 111122223333\nB b 111122223333\nC, c, 111122223333\n");
  removeCredential(file, "A");
  assert.equal(readFileSync(file, "utf8"), "# mine\nB b 111122223333\nC, c, 111122223333\n");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(file, "..")), ["credentials"]);
});

test("a key that is there is not added, and one that is not is not removed", (t) => {
  const file = join(folder(t), "credentials");
  const credential = { accessKeyId: "A", secretAccessKey: "a", account: "111122223333" };
  addCredential(file, credential);
  assert.throws(() => addCredential(file, credential), /the key A is there already/);
  assert.throws(() => removeCredential(file, "B"), /there is no key B/);
  assert.throws(
    () => addCredential(file, { ...credential, accessKeyId: "D", secretAccessKey: "a b" }),
    /the secret is empty, holds/,
  );
  assert.equal(readFileSync(file, "utf8"), "A, a, 111122223333\n");
});
