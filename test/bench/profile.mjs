// Where the server's time goes: samples of V8's profiler by room and by kind of work, as the tables of notes.md.
//   node test/bench/profile.mjs [--quick]
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { framed, start } from './peers.mjs';

const quick = process.argv.includes('--quick');
const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'c2r-profile-'));
const xml = '<package id="x64" path="C:\\Office\\Data">en-us</package>\r\n';

/** What is measured; `messages` go one after another, or at once where they are a burst. */
const loads = {
  'round trip': { value: '', messages: quick ? 2_000 : 50_000 },
  'in a burst': { value: '', messages: quick ? 5_000 : 50_000, burst: true },
  '64 kB': { value: 'x'.repeat(64_000), messages: quick ? 100 : 3_000 },
  '16 MB': { value: 'x'.repeat(16_000_000), messages: quick ? 3 : 40 },
  '16 MB of XML': { value: xml.repeat(16_000_000 / xml.length), messages: quick ? 3 : 40 },
};

/** The first rule that fits says what a sample counts as: by its function, then by its file in the sources or in Node. */
const kinds = [
  ['idle', /^\(idle\)/],
  ['garbage collection', /^\(garbage collector\)/],
  ['outline: limits on depth and elements', /rpc\/outline\.ts/],
  ['decoding and JSON.parse', /rpc\/messages\.ts|^(latin1|utf8)Slice|^is(Ascii|Utf8)/],
  [
    'JSON.stringify and encoding',
    /rpc\/outbox\.ts|^RegExp|^utf8Write|^(write|from|fromString\w*|byteLength\w*) node:buffer/,
  ],
  ['frames', /rpc\/frames\.ts|^(_copyActual|copy\w*|createUnsafeBuffer|allocate) /],
  ['session and transport', /src\/rpc\/(transport|session|progress)\.ts/],
  ['connection (vscode-jsonrpc)', /vscode-jsonrpc/],
  ['validation and dispatch (zod, service)', /zod|src\/rpc\/service\.ts|src\/contract/],
  [
    'writing',
    /^writev|^writeUtf8String|^writeBuffer|writable|node:internal\/stream_base_commons|^\w*[wW]rite\w* node:net/,
  ],
  ['reading', /readable|^onStreamRead|node:(events|net|internal\/streams)/],
  ['the rest of Node', /node:|^\(program\)|^\(root\)|^\S* $/],
  ['the echo itself', /./],
];
const starting = [
  ['idle', /^\(idle\)/],
  ['garbage collection', /^\(garbage collector\)/],
  ['compiling the bridge', /^wrapSafe|^compileFunction/],
  ['reading its file', /readFile|^open|^(internalModule)?[sS]tat|^fstat|^read /],
  ['running its code', /file:\/\//],
  [
    "Node's standard streams",
    /stdin|stdout|[gG]etStd|node:(net|tty|stream)|node:internal\/(streams|tty|net|stream_base)|switches\/is_main_thread/,
  ],
  ["Node's modules on first use", /compileForInternalLoader|requireBuiltin|node:internal\/bootstrap\/realm/],
  ["Node's loader of modules", /node:internal\/modules/],
  ['the rest of Node', /./],
];

/** Microseconds by rule, and by function, of all profiles in a folder. */
function tally(folder, rules, sourceOf) {
  const byRule = new Map(rules.map(([name]) => [name, 0]));
  const byFunction = new Map();
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.cpuprofile'))) {
    const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const labels = new Map(nodes.map(({ id, callFrame }) => [id, `${callFrame.functionName} ${sourceOf(callFrame)}`]));
    for (const [index, id] of samples.entries()) {
      const label = labels.get(id);
      const [rule] = rules.find(([, pattern]) => pattern.test(label));
      byRule.set(rule, byRule.get(rule) + timeDeltas[index]);
      byFunction.set(label, (byFunction.get(label) ?? 0) + timeDeltas[index]);
    }
  }
  byRule.delete('idle');
  return { byRule, byFunction };
}

function profiled(script, folder, intervalMicroseconds) {
  mkdirSync(folder, { recursive: true });
  const interval = `--cpu-prof-interval=${intervalMicroseconds}`;
  return start({ wire: framed }, script, { nodeArgs: ['--cpu-prof', `--cpu-prof-dir=${folder}`, interval] });
}

async function profileLoads() {
  const script = join(work, 'echo.cjs');
  const entryPoints = [file('echo-server.ts')];
  await build({
    entryPoints,
    outfile: script,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: true,
  });
  const map = new SourceMap(JSON.parse(readFileSync(`${script}.map`, 'utf8')));
  const sourceOf = ({ url, lineNumber, columnNumber }) =>
    url.endsWith('echo.cjs') ? (map.findEntry(lineNumber, columnNumber).originalSource ?? 'bundle') : url;
  const results = [];
  for (const [name, { value, messages, burst }] of Object.entries(loads)) {
    const folder = join(work, name);
    const server = profiled(script, folder, messages < 1000 ? 1000 : 250);
    const echo = framed.echo(value);
    if (burst) {
      const all = Array.from({ length: messages }, (_, id) => framed.echo(value).replace('"id":1', `"id":${1e6 + id}`));
      const bytes = all.map((text) => text.replace(/\d+/, (length) => Number(length) + 6)).join('');
      await server.send(bytes, messages);
    } else for (let sent = 0; sent < messages; sent++) await server.send(echo);
    await server.stop();
    const { byRule } = tally(folder, kinds, sourceOf);
    const total = [...byRule.values()].reduce((sum, each) => sum + each, 0);
    results.push({ name, byRule, total, each: total / messages });
  }
  const cells = (heading, values) => console.log(`| ${[heading, ...values].join(' | ')} |`);
  cells(
    'share of the time',
    results.map(({ name }) => name),
  );
  cells(
    '---',
    results.map(() => '--:'),
  );
  for (const [rule] of kinds.slice(1))
    cells(
      rule,
      results.map(({ byRule, total }) => `${((100 * byRule.get(rule)) / total).toFixed(0)} %`),
    );
  const shown = (microseconds) =>
    microseconds < 1000 ? `${microseconds.toFixed(0)} µs` : `${(microseconds / 1000).toFixed(1)} ms`;
  cells(
    '**a message, under the profiler**',
    results.map(({ each }) => shown(each)),
  );
}

async function profileStart() {
  const runs = quick ? 3 : 30;
  const folder = join(work, 'start');
  for (let run = 0; run < runs; run++) {
    const server = profiled(file('../../dist/c2r-bridge.cjs'), folder, 100);
    await server.send(framed.initialize);
    await server.stop();
  }
  const { byRule, byFunction } = tally(folder, starting, ({ url }) => url);
  console.log(`\n| start, first response, end | ms of ${runs} runs' mean |\n| --- | --: |`);
  const line = (name, microseconds) => console.log(`| ${name} | ${(microseconds / 1000 / runs).toFixed(1)} |`);
  for (const [rule, microseconds] of byRule) line(rule, microseconds);
  line(
    '**together, under the profiler**',
    [...byRule.values()].reduce((sum, each) => sum + each, 0),
  );
  console.log('\nThe dearest functions of a start:');
  const dearest = [...byFunction].filter(([label]) => !label.startsWith('(idle)')).sort((a, b) => b[1] - a[1]);
  for (const [label, microseconds] of dearest.slice(0, 10))
    console.log(`- ${(microseconds / 1000 / runs).toFixed(2)} ms ${label.replace(/file:\/\/.*\//, '')}`);
}

try {
  console.log(
    `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${process.platform} ${process.arch}\n`,
  );
  await profileLoads();
  await profileStart();
} finally {
  rmSync(work, { recursive: true, force: true });
}
