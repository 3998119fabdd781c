// A peer in the benches: the least that answers at all. It knows well-formed frames only, checks nothing, and writes each
// reply at once: what is faster than this has to do less than reading, parsing and writing.
let chunks: Buffer[] = [];
let length = 0;
let need = 0;

process.stdin.on('data', (chunk: Buffer) => {
  chunks.push(chunk);
  length += chunk.length;
  if (length < need) return;
  let rest = chunks.length === 1 ? chunk : Buffer.concat(chunks);
  for (;;) {
    const headerEnd = rest.indexOf('\r\n\r\n');
    if (headerEnd < 0) break;
    need = headerEnd + 4 + Number(rest.toString('latin1', 16, headerEnd));
    if (rest.length < need) break;
    answer(rest.toString('utf8', headerEnd + 4, need));
    rest = rest.subarray(need);
    need = 0;
  }
  chunks = [rest];
  length = rest.length;
});
process.stdin.on('end', () => process.exit(0));

function answer(body: string): void {
  const { id, method, params } = JSON.parse(body);
  const reply = JSON.stringify({ jsonrpc: '2.0', id, result: method === 'bench/echo' ? params : {} });
  process.stdout.write(`Content-Length: ${Buffer.byteLength(reply)}\r\n\r\n${reply}`);
}
