// What staging cannot do without: node minimal-receiver.mjs FOLDER URL…
// Four connections that receive into one buffer, and for each piece its SHA-256 and a synchronous write. No list, no checks of
// an answer, no flush, no state: what this needs on a machine, staging in one thread needs, too.
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';

const [folder, ...urls] = process.argv.slice(2);
const buffer = Buffer.allocUnsafeSlow(1_048_576);

function receive(url, file) {
  const { hostname, port, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256');
    const fd = openSync(file, 'w');
    let left = null;
    const take = (piece) => {
      hash.update(piece);
      writeSync(fd, piece);
      left -= piece.length;
      if (left > 0) return;
      closeSync(fd);
      socket.destroy();
      resolve(hash.digest('hex'));
    };
    const callback = (count) => {
      const bytes = buffer.subarray(0, count);
      if (left !== null) take(bytes);
      else {
        const end = bytes.indexOf('\r\n\r\n') + 4;
        left = Number(/content-length: (\d+)/i.exec(bytes.toString('latin1', 0, end))[1]);
        take(bytes.subarray(end));
      }
      return true;
    };
    const socket = net.connect({ host: hostname, port, onread: { buffer, callback } });
    socket.once('error', reject);
    socket.write(`GET ${pathname} HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
  });
}

async function connection() {
  for (let url = urls.shift(); url; url = urls.shift()) await receive(url, join(folder, `${urls.length}`));
}

mkdirSync(folder);
await Promise.all([connection(), connection(), connection(), connection()]);
