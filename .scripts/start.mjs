// npm start [-- office|defender [-WhatIf] | content]: installs what is missing, builds, and shows a job from end to end.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { installPackages } from './install.mjs';
import { root } from './packages.mjs';
import { ensurePowerShell } from './powershell.mjs';

const jobs = {
  office: { cmdlet: 'Invoke-C2RUpdate', method: 'c2r/update', what: 'update Microsoft 365 Apps' },
  defender: { cmdlet: 'Invoke-DefenderUpdate', method: 'defender/update', what: 'update the Defender signatures' },
  content: {},
};

const words = process.argv.slice(2);
const whatIf = words.some((word) => word.toLowerCase() === '-whatif');
const [name = 'office', ...excess] = words.filter((word) => word.toLowerCase() !== '-whatif');
const job = jobs[name];
if (!job || excess.length > 0 || (whatIf && name === 'content')) {
  console.error('Usage: npm start [-- office|defender [-WhatIf] | content]');
  process.exit(2);
}

installPackages();
const { buildDist } = await import('./build.mjs');
console.log('Building dist/ ...');
await buildDist();

if (name === 'content') {
  const { stageDemo } = await import('./demo-content.mjs');
  process.exitCode = await stageDemo();
} else {
  const real = process.platform === 'win32' && (name === 'defender' || officeIsInstalled());
  const powershell = (await ensurePowerShell()).path;
  if (real && !whatIf && !(await agreed())) process.exit(0);
  process.exitCode = powershell ? await runInPowerShell(powershell, real) : await runOverRpc(real);
}

/** Click-to-Run's own client, at the path that every installation has. */
function officeIsInstalled() {
  const program = 'Common Files\\Microsoft Shared\\ClickToRun\\OfficeClickToRun.exe';
  return existsSync(join(process.env.ProgramW6432 ?? 'C:\\Program Files', program));
}

async function agreed() {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`This will really ${job.what} on this computer. Continue? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

function runInPowerShell(program, real) {
  const manifest = join(root, 'powershell', 'C2RBridge', 'C2RBridge.psd1').replaceAll("'", "''");
  const lines = [
    `$ErrorActionPreference = 'Stop'`,
    `Import-Module ([Management.Automation.WildcardPattern]::Escape('${manifest}'))`,
    `Connect-C2RBridge -Backend ${real ? 'Windows' : 'Simulated'} | Out-Host`,
    `${job.cmdlet}${name === 'defender' ? ' -PassThru' : ''} -Verbose${whatIf ? ' -WhatIf' : ''} | Format-List | Out-Host`,
    'Disconnect-C2RBridge',
  ];
  console.log(`\nPS> ${job.cmdlet}${whatIf ? ' -WhatIf' : ''}`);
  // Windows PowerShell of a Windows client runs no scripts at all, unless it is told to.
  const args = ['-NoProfile', '-ExecutionPolicy', 'Bypass', '-Command', lines.join('; ')];
  const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  return status ?? 1;
}

async function runOverRpc(real) {
  const { createMessageConnection, StreamMessageReader, StreamMessageWriter } = await import('vscode-jsonrpc/node');
  console.log(`\nThere is no PowerShell here, so this is the bridge's own JSON-RPC: ${job.method}`);
  if (whatIf) {
    console.log(`What if: would call ${job.method} on the ${real ? 'windows' : 'simulated'} backend.`);
    return 0;
  }
  const bridge = spawn(
    process.execPath,
    [join(root, 'dist', 'c2r-bridge.cjs'), '--stdio', '--backend', real ? 'windows' : 'simulated'],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const connection = createMessageConnection(
    new StreamMessageReader(bridge.stdout),
    new StreamMessageWriter(bridge.stdin),
  );
  connection.onNotification('$/progress', ({ value }) => {
    const percent = value.percent === null ? '' : ` ${Math.round(value.percent)} %`;
    console.log(`${(value.elapsedMs / 1000).toFixed(1).padStart(6)} s  ${value.phase}${percent}  ${value.message}`);
  });
  connection.listen();
  try {
    console.log(await connection.sendRequest(job.method, { progressToken: 1 }));
    return 0;
  } catch (caught) {
    const error = /** @type {import('vscode-jsonrpc').ResponseError<{ recommendation?: string }>} */ (caught);
    console.error(`${error.message}\n${error.data?.recommendation ?? ''}`);
    return 1;
  } finally {
    await connection.sendRequest('shutdown');
    await connection.sendNotification('exit');
    connection.dispose();
  }
}
