import { readdirSync, readFileSync } from 'node:fs';
import type { Lab } from '../lab/provision.mjs';

/** A process of the lab, as this machine sees it. */
export interface LabProcess {
  readonly pid: number;
  /** Its command line, arguments separated by NUL; for a Windows program with its Windows path. */
  readonly command: string;
}

/** The processes of the lab that run now, Wine's own services among them. */
export function labProcesses(lab: Lab): LabProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
        return environment.includes(`WINEPREFIX=${lab.prefix}`) ? [{ pid: Number(name), command }] : [];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

/** Ends every process of the lab whose command line has `program` in it, as nothing else can: without a word. */
export function killInLab(lab: Lab, program: string): void {
  for (const { pid, command } of labProcesses(lab)) {
    if (!command.includes(program)) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}
