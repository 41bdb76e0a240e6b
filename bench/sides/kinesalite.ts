/** The peer: kinesalite with its in-memory store (it has no durable one that installs without a compiler). Prints its port. */
import type { AddressInfo } from "node:net";
// @ts-expect-error kinesalite has no types.
import kinesalite from "kinesalite";

const server = kinesalite({ createStreamMs: 0, shardLimit: 100 });
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));
