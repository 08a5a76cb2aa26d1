import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import type { Figure } from './benchmark.ts'

/** What the numbers depend on and can't say themselves. */
export interface Machine {
  readonly cores: number
  readonly cpu: string
  readonly memoryGiB: number
  readonly node: string
  readonly platform: string
  /** Of the last minute, at the start: above 0 somebody else was at work too. */
  readonly load: number
}

export function thisMachine(): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform}/${process.arch}`,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  }
}

export function machineLine(machine: Machine): string {
  const { cores, cpu, memoryGiB, node, platform, load } = machine
  return `${cores} cores (${cpu}), ${memoryGiB} GiB, ${platform}, Node ${node}, load ${load} at the start`
}

export function figureLine({ name, value, unit, note }: Figure): string {
  return `  ${name.padEnd(62)} ${shown(value).padStart(9)} ${unit}${note === undefined ? '' : `   (${note})`}`
}

/** Three digits that mean something. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
}
