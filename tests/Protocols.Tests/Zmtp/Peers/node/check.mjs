// The zeromq package for Node against the sockets under test: node check.mjs PUB-ADDRESS ROUTER-ADDRESS.
// Prints the address of its own publisher, then what it received as one JSON line.
import { Dealer, Subscriber, XPublisher, version } from "zeromq";

// The test is gone: nothing may stay behind.
process.stdin.on("end", () => process.exit(1)).resume();

const [publisherAddress, routerAddress] = process.argv.slice(2);
const publisher = new XPublisher();
await publisher.bind("tcp://127.0.0.1:*");
console.log(publisher.lastEndpoint);

const subscriber = new Subscriber();
subscriber.subscribe("kv@");
subscriber.connect(publisherAddress);
const published = (await subscriber.receive()).map(String);

const dealer = new Dealer({ routingId: "node" });
dealer.connect(routerAddress);
await dealer.send(["", "question"]);
const answered = (await dealer.receive()).map(String);

// The test's subscription; what is sent before it would reach nobody.
await publisher.receive();
await publisher.send(["kv@node", "from node"]);
await dealer.send(["", "published"]);
await dealer.receive();
console.log(JSON.stringify({ version, published, answered }));
process.exit(0);
