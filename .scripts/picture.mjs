// Makes the picture of README from a real run: types commands into a real pwsh in tmux, takes the screen whenever it
// changes, and writes the screens as one animated SVG. Usage: node .scripts/picture.mjs (needs tmux and pwsh)
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './packages.mjs';

const columns = 96;
const rows = 20;
/** A character's width, a line's height and where the first one stands, in pixels at a font size of 14. */
const cell = 8.43;
const lineHeight = 19;
const margin = 12;
const top = 28;
const commands = ['Import-Module ./powershell/C2RBridge', 'Invoke-C2RUpdate -OnBlockingApps Wait', 'Get-C2RStatus'];
const session = `c2r-picture-${process.pid}`;
const tmux = (...args) => execFileSync('tmux', ['-L', session, ...args], { encoding: 'utf8' });

/** The screens of the run, each with the milliseconds for which it stood. */
async function record() {
  const prompt = `function prompt { 'PS> ' }; $PSStyle.Progress.MaxWidth = ${columns - 4}; Clear-Host`;
  const env = [`C2R_SIMULATION=${JSON.stringify({ office: { downloadMs: 4000, applyMs: 2500 } })}`];
  tmux('-f', '/dev/null', 'new-session', '-d', '-s', session, '-x', `${columns}`, '-y', `${rows}`, '-c', root, 'env', ...env, 'pwsh', '-NoLogo', '-NoProfile', '-NoExit', '-Command', prompt); // biome-ignore format: one command line
  const screens = [];
  try {
    for (const command of commands) {
      await screenWith((screen) => /PS> *$/.test(plain(screen).trimEnd()), screens);
      for (const letter of command) {
        tmux('send-keys', '-t', session, '-l', letter);
        await sleep(25);
        look(screens);
      }
      tmux('send-keys', '-t', session, 'Enter');
      await sleep(200);
    }
    await screenWith((screen) => /PS> *$/.test(plain(screen).trimEnd()), screens);
    return screens;
  } finally {
    tmux('kill-server');
  }
}

async function screenWith(condition, screens) {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (condition(look(screens))) return;
    await sleep(100);
  }
  throw new Error(`The prompt did not come back:\n${screens.at(-1)?.text}`);
}

function look(screens) {
  const text = tmux('capture-pane', '-e', '-p', '-t', session);
  if (screens.at(-1)?.text !== text) screens.push({ text, at: Date.now() });
  return text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the escape sequences of a terminal
const sgr = /\x1b\[([\d;:]*)m/g;
const plain = (text) => text.replaceAll(sgr, '');
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const palette = ['#24292f', '#ff7b72', '#7ee787', '#e3b341', '#79c0ff', '#d2a8ff', '#76e3ea', '#c9d1d9'];
const bright = ['#6e7681', '#ffa198', '#aff5b4', '#f2cc60', '#a5d6ff', '#e2c5ff', '#b3f0ff', '#ffffff'];

/** A screen as SVG: a rectangle behind what has a background, a tspan for each run of one style, which outlasts its line. */
function svgScreen(text) {
  let style = {};
  return text
    .trimEnd()
    .split('\n')
    .map((line, row) => {
      const runs = runsOf(line, style);
      style = runs.at(-1)?.style ?? style;
      return svgLine(runs, top + row * lineHeight);
    })
    .join('');
}

/** The texts of one style on a line, the last of which may be empty, with the column where each begins. */
function runsOf(line, styleBefore) {
  let run = { style: styleBefore, column: 0, text: '' };
  const runs = [run];
  for (const [index, part] of line.split(sgr).entries()) {
    if (index % 2 === 0) run.text = part;
    else {
      run = { style: restyled(run.style, part), column: run.column + run.text.length, text: '' };
      runs.push(run);
    }
  }
  return runs;
}

function svgLine(runs, y) {
  const spans = runs.filter(({ text }) => text.trim()).map(span);
  if (spans.length === 0) return '';
  const behind = runs.map((run) => rectangle(run, y));
  return `${behind.join('')}<text y="${y}" xml:space="preserve">${spans.join('')}</text>`;
}

const left = (column) => (margin + column * cell).toFixed(1);
const front = ({ inverse, front, back }) => (inverse ? (back ?? '#0d1117') : front);
const back = ({ inverse, front, back }) => (inverse ? (front ?? '#c9d1d9') : back);

function span({ style, column, text }) {
  const color = front(style);
  const attributes = `${color ? ` fill="${color}"` : ''}${style.bold ? ' font-weight="bold"' : ''}`;
  return `<tspan x="${left(column)}"${attributes}>${escaped(text)}</tspan>`;
}

function rectangle({ style, column, text }, y) {
  const color = back(style);
  if (!color || !text) return '';
  const width = (text.length * cell).toFixed(1);
  return `<rect x="${left(column)}" y="${y - 14}" width="${width}" height="${lineHeight}" fill="${color}"/>`;
}

/** What one number of an SGR sequence changes, but for colours. */
const attributes = {
  1: { bold: true },
  7: { inverse: true },
  22: { bold: false },
  27: { inverse: false },
  39: { front: undefined },
  49: { back: undefined },
};
/** The first of the eight numbers of a palette, and what they colour. */
const colors = [
  { first: 30, what: 'front', of: palette },
  { first: 40, what: 'back', of: palette },
  { first: 90, what: 'front', of: bright },
  { first: 100, what: 'back', of: bright },
];

function restyled(before, codes) {
  let style = before;
  const numbers = codes.split(/[;:]/).map(Number);
  for (let index = 0; index < numbers.length; index++) {
    const code = numbers[index];
    const isIndexed = (code === 38 || code === 48) && numbers[index + 1] === 5;
    if (isIndexed) {
      index += 2;
      style = { ...style, [code === 38 ? 'front' : 'back']: [...palette, ...bright][numbers[index]] ?? '#c9d1d9' };
    } else style = code === 0 ? {} : { ...style, ...attributes[code], ...colored(code) };
  }
  return style;
}

function colored(code) {
  const color = colors.find(({ first }) => code >= first && code < first + 8);
  return color && { [color.what]: color.of[code - color.first] };
}

function animation(screens) {
  const last = 6000;
  const start = screens[0].at;
  const total = screens.at(-1).at - start + last;
  const frames = screens.map(({ text, at }, index) => {
    const from = ((at - start) / total) * 100;
    const to = (((screens[index + 1]?.at ?? start + total) - start) / total) * 100;
    const body = svgScreen(text);
    // Each screen is shown in its own slice of the loop; the last one is also what a viewer without animation sees.
    const name = `f${index}`;
    const hidden = index === screens.length - 1 ? '' : ' opacity="0"';
    const times = [0, from, to, 100].map((each) => (each / 100).toFixed(4)).join(';');
    return `<g id="${name}"${hidden}><animate attributeName="opacity" calcMode="discrete" dur="${total}ms" repeatCount="indefinite" keyTimes="${times}" values="0;1;${to >= 99.99 ? 1 : 0};${to >= 99.99 ? 1 : 0}"/>${body}</g>`;
  });
  const width = 2 * margin + Math.ceil(columns * cell);
  const height = 24 + rows * lineHeight;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A run of Invoke-C2RUpdate in a terminal">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace,SFMono-Regular,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="#c9d1d9">
${frames.join('\n')}
</g>
</svg>
`;
}

const screens = await record();
writeFileSync(join(root, '.github', 'run.svg'), animation(screens));
console.log(`.github/run.svg: ${screens.length} screens`);
