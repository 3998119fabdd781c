// Writes src/base/hresult-names.ts from the headers of mingw-w64, which are in the public domain:
//   node .scripts/hresult-names.mjs [--check]
// `--check` only says, by its exit code, whether every name in the file is in the headers, which may be newer and have more.
// It needs the compiler of the same package (gcc-mingw-w64-x86-64), which works out what each macro stands for. The result
// is committed: neither a build nor a test needs the headers.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './packages.mjs';

const include = '/usr/share/mingw-w64/include';
const target = join(root, 'src/base/hresult-names.ts');

/**
 * The headers, each with the names in it that are codes. Where several have a name for one code, the first one counts:
 * HRESULTs before Win32 errors, and WinINet, in whose words 0x80072EE7 is known, before WinHTTP.
 */
const headers = /** @type {(readonly [string, RegExp])[]} */ ([
  ['winerror.h', /^(?!(FACILITY|SEVERITY|APPLICATION_ERROR)_)[A-Z][A-Z0-9]*_\w+$|^(WSA|NOERROR)\w*$/],
  ['wininet.h', /^ERROR_(INTERNET|HTTP|FTP)_\w+$/],
  ['winhttp.h', /^ERROR_WINHTTP_\w+$/],
  ['bitsmsg.h', /^BG_[ES]_\w+$/],
  ['wuerror.h', /^WU_[ES]_\w+$/],
]);

/** Not codes, but the bounds and the bases of some. */
const notCodes = /_(BASE|FIRST|LAST|MIN|MAX|RESPONSE_CODES_BASE)$|^(ERROR_SUCCESS|NO_ERROR|NOERROR)$/;

/** Names that everybody knows a code by, where the header lists another one first. */
const preferred = new Set(['S_OK', 'S_FALSE', 'E_ACCESSDENIED', 'E_HANDLE', 'E_INVALIDARG', 'E_OUTOFMEMORY']);

/** What the macros of a header stand for, as the preprocessor writes it: `((HRESULT)0x80004005)` or `2l`. */
function expanded(header, names) {
  const input = `#include <windows.h>\n#include <${header}>\n${names.map((name) => `"${name}" ${name}`).join('\n')}\n`;
  const text = execFileSync('x86_64-w64-mingw32-gcc', ['-E', '-P', '-'], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return [...text.matchAll(/^"(\w+)" (.+)$/gm)].map(([, name = '', value = '']) => ({ name, value }));
}

/** The HRESULT that an expression stands for, unsigned; null for what is not a number. A Win32 error is one of facility 7. */
function hresultOf(expression) {
  const isHResult = expression.includes('HRESULT');
  const sum = expression.replaceAll(/\(HRESULT\)|\(DWORD\)|[()\s]/g, '').replaceAll(/(\d)[lL]\b/g, '$1');
  if (!/^(0x[0-9a-fA-F]+[lL]?|\d+)(\+\d+)*$/.test(sum)) return null;
  const value = sum.split('+').reduce((total, part) => total + Number(part.replace(/[lL]$/, '')), 0);
  return isHResult || value > 0xffff ? value >>> 0 : (0x80070000 | value) >>> 0;
}

const found = new Map();
for (const [header, wanted] of headers) {
  const macros = readFileSync(join(include, header), 'latin1').matchAll(/^#\s*define\s+(\w+)[ \t]+\S/gm);
  const names = [...new Set([...macros].map(([, name = '']) => name))].filter((name) => wanted.test(name));
  const codes = expanded(
    header,
    names.filter((name) => !notCodes.test(name)),
  );
  const rank = ({ name, value }) => (preferred.has(name) ? 0 : value.includes('HRESULT') ? 1 : 2);
  for (const { name, value } of codes.sort((a, b) => rank(a) - rank(b))) {
    const code = hresultOf(value);
    if (code !== null && !found.has(code)) found.set(code, name);
  }
}

const words = [...found]
  .sort(([a], [b]) => a - b)
  .flatMap(([code, name], index, all) =>
    all[index - 1]?.[0] === code - 1 ? [name] : [code.toString(16).padStart(8, '0'), name],
  );
const lines = words.reduce((all, word) => {
  const last = all.at(-1);
  if (last !== undefined && last.length + word.length < 118) all[all.length - 1] = `${last} ${word}`;
  else all.push(word);
  return all;
}, []);
const source = `// Made by .scripts/hresult-names.mjs from mingw-w64's ${headers.map(([name]) => name).join(', ')}.

/**
 * ${found.size} HRESULTs by name. A word that begins with a digit is the code of the name behind it, in hexadecimal; each
 * further name belongs to the next code.
 */
export const hresultNames = \`
${lines.join('\n')}
\`;
`;
if (process.argv.includes('--check')) {
  const names = new Set(found.values());
  const unknown = (readFileSync(target, 'utf8').match(/\b[A-Z]\w*_\w+\b/g) ?? []).filter((name) => !names.has(name));
  process.stdout.write(unknown.length > 0 ? `not in the headers: ${unknown.join(' ')}\n` : '');
  process.exitCode = unknown.length > 0 ? 1 : 0;
} else writeFileSync(target, source);
process.stdout.write(`${found.size} names, ${source.length} characters\n`);
