import { readFileSync } from 'node:fs';

/** The most memory that a process ever had, in MiB. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
export function highestMemory(pid: number): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}
