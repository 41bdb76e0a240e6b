import assert from "node:assert/strict";
import { test } from "node:test";
import { addressBlock, isWithin, parseAddress, parseAddressBlock } from "./address.ts";

test("an address is the same in all its notations", () => {
  assert.deepEqual(parseAddress("10.0.0.1"), { family: 4, bits: 0x0a000001n });
  assert.deepEqual(parseAddress("010.00.0.001"), parseAddress("10.0.0.1"));
  assert.deepEqual(parseAddress("::1"), { family: 6, bits: 1n });
  assert.deepEqual(parseAddress("0:0:0:0:0:0:0:1"), parseAddress("::1"));
  assert.deepEqual(parseAddress("2001:DB8::00a"), parseAddress("2001:db8:0:0::a"));
  assert.deepEqual(parseAddress("1:2:3:4:5:6:7::"), parseAddress("1:2:3:4:5:6:7:0"));
  assert.deepEqual(parseAddress("::ffff:a00:1"), parseAddress("10.0.0.1"));
});

const NONE = `|10.0.0|10.0.0.1.2|10.0.0.256|10.0.0.1 |10.0.0.-1|10.0.0.0x1|1.2.3.4/8|000000001.0.0.10|:|::::|1:|:1|:::|1::2::3|12345::|g::
  |1:2:3:4:5:6:7|1:2:3:4:5:6:7:8:9|1:2:3:4::5:6:7:8|::ffff:10.0.0.1|fe80::1%eth0|[::1]`;
for (const text of NONE.split(/\|/).map((each) => each.replace(/\n\s*/, ""))) {
  test(`no address: "${text}"`, () => assert.equal(parseAddress(text), undefined));
}

test("a block holds the addresses that begin with its bits", () => {
  const within = (block: string, address: string): boolean => {
    const parsed = parseAddress(address);
    return parsed !== undefined && isWithin(parsed, parseAddressBlock(block, assert.fail));
  };
  assert.equal(within("10.0.0.77/24", "10.0.0.0"), true);
  assert.equal(within("10.0.0.77/24", "10.0.0.255"), true);
  assert.equal(within("10.0.0.77/24", "10.0.1.0"), false);
  assert.equal(within("0.0.0.0/0", "255.255.255.255"), true);
  assert.equal(within("0.0.0.0/0", "::1"), false);
  assert.equal(within("::/0", "10.0.0.1"), false);
  assert.equal(within("2001:db8::/+33", "2001:db8:7fff:ffff::"), true);
  assert.equal(within("2001:db8::/33", "2001:db8:8000::"), false);
  assert.equal(within("10.0.0.0/8/", "10.1.2.3"), true);
});

test("a block of all bits is one address", () => {
  const address = parseAddress("10.0.0.1");
  assert.ok(address);
  assert.deepEqual(addressBlock(address), { base: address, maskBits: 32 });
});
