import { readdirSync, readFileSync } from 'node:fs';

const KIB_PER_MIB = 1_024;

/** Resident memory of a server and its workers in MiB; null where there is no /proc. */
export interface Memory {
  /** The most since each process began. */
  peakMib: number;
  nowMib: number;
}

/** Reads the memory of a process and of its children, added up. */
export function readMemory(pid: number): Memory | null {
  try {
    const memory: Memory = { peakMib: 0, nowMib: 0 };
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const status = readStatus(name);
      if (!status || (Number(name) !== pid && status.parent !== pid)) continue;
      memory.peakMib += status.peakKib / KIB_PER_MIB;
      memory.nowMib += status.nowKib / KIB_PER_MIB;
    }
    return memory;
  } catch {
    return null;
  }
}

function readStatus(pid: string): { parent: number; peakKib: number; nowKib: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'latin1');
    const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
    return { parent: field('PPid'), peakKib: field('VmHWM'), nowKib: field('VmRSS') };
  } catch {
    // It has ended meanwhile.
    return null;
  }
}
