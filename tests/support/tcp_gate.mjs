// A gate between a client and a server over TCP, which a test opens, shuts, slows, cuts or garbles: what networks and databases do on a bad day.
import net from 'node:net';

const SLICE_BYTES = 500;

/**
 * Listens on a free loopback port and hands on to `port`. Returns {port, set(mode, options), cut(), connections(), close()}.
 * Modes, which hold for connections that stand and for new ones:
 *   pass                     everything goes through
 *   refuse                   nobody listens; connections that stand are cut
 *   hang                     connections are taken, and no byte goes either way
 *   delay {ms}               each piece goes through so much later
 *   slice                    everything goes through in pieces of a few bytes
 *   throttle {bytesASecond}  no more than that in either direction
 *   drop {afterBytes}        a connection is cut after so many bytes from the server
 *   corrupt                  one bit of each piece from the server is flipped
 */
export async function tcpGate(port) {
  const gate = { mode: 'pass', options: {}, links: new Set() };
  let listener = await listen(gate, port, 0);
  const gatePort = listener.address().port;
  const cut = () => {
    for (const link of gate.links) link.end();
  };
  return {
    port: gatePort,
    cut,
    connections: () => gate.links.size,
    async set(mode, options = {}) {
      gate.mode = mode;
      gate.options = options;
      if (mode === 'refuse') {
        cut();
        if (listener) await closed(listener);
        listener = null;
      } else if (!listener) {
        listener = await listen(gate, port, gatePort);
      }
      for (const link of gate.links) link.wake();
    },
    async close() {
      cut();
      if (listener) await closed(listener);
    },
  };
}

function listen(gate, to, at) {
  return new Promise((resolve, reject) => {
    const server = net.createServer({ allowHalfOpen: true }, (client) => link(gate, client, to));
    server.once('error', reject);
    server.listen(at, '127.0.0.1', () => resolve(server));
  });
}

const closed = (server) => new Promise((resolve) => server.close(resolve));

function link(gate, client, port) {
  const server = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const ways = [way(gate, client, server, false), way(gate, server, client, true)];
  const self = {
    end() {
      gate.links.delete(self);
      client.destroy();
      server.destroy();
    },
    wake() {
      for (const one of ways) one.wake();
    },
  };
  gate.links.add(self);
  for (const one of ways) one.onDrop(() => self.end());
  for (const socket of [client, server]) {
    socket.on('error', () => self.end());
    socket.on('close', () => self.end());
  }
}

/** One direction of a connection: pieces wait in a queue and leave it as the mode says, in their order. */
function way(gate, from, to, fromServer) {
  const queue = [];
  let busy = false, passed = 0, drop = () => {};
  const pump = async () => {
    if (busy) return;
    busy = true;
    while (queue.length > 0 && gate.mode !== 'hang' && !to.destroyed) {
      const piece = queue.shift();
      if (piece === null) {
        to.end();
        continue;
      }
      await pass(piece);
      from.resume();
    }
    busy = false;
  };
  const pass = async (piece) => {
    const { mode, options } = gate;
    if (mode === 'delay') await wait(options.ms);
    if (mode === 'throttle') await wait((piece.length * 1000) / options.bytesASecond);
    if (mode === 'corrupt' && fromServer) piece[Math.floor(piece.length / 2)] ^= 0x10;
    if (mode === 'slice') {
      for (let at = 0; at < piece.length; at += SLICE_BYTES) {
        await write(piece.subarray(at, at + SLICE_BYTES));
        await wait(0);
      }
    } else {
      await write(piece);
    }
    passed += piece.length;
    if (mode === 'drop' && fromServer && passed >= options.afterBytes) drop();
  };
  const write = (bytes) => new Promise((resolve) => {
    if (to.destroyed) resolve();
    else to.write(bytes, () => resolve());
  });
  from.on('data', (piece) => {
    queue.push(piece);
    from.pause();
    pump();
  });
  from.on('end', () => {
    queue.push(null);
    pump();
  });
  return { wake: pump, onDrop: (action) => { drop = action; } };
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
