import { execFileSync } from 'node:child_process'
import { lstatSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** How to run a command as somebody who isn't root. */
export interface Identity {
  readonly uid: number
  readonly gid: number
}

/** Wraps a command line so that it runs as the identity. */
export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly uid?: number
  readonly gid?: number
}

const CANDIDATES = ['postgres', 'nobody']

/** Null unless we are root: then a user that every system has, `postgres` where there is one. Creates none. */
export function unprivilegedIdentity(): Identity | null {
  if (process.getuid?.() !== 0) return null
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  for (const candidate of CANDIDATES) {
    const user = users.find(([name]) => name === candidate)
    if (user !== undefined) return { uid: Number(user[2]), gid: Number(user[3]) }
  }
  throw new Error(
    `PostgreSQL refuses to run as root, and this system has no user ${CANDIDATES.join(' or ')} to run it as. Create one, or run Roadstead as another user.`,
  )
}

/**
 * A command line for `identity`. Where it may not reach one of `paths` (a checkout under /root, a private temporary directory), it is
 * given the one capability that passes by directory permissions, which needs `setpriv` of util-linux.
 */
export function launchAs(identity: Identity | null, command: string, args: readonly string[], paths: readonly string[]): Launch {
  if (identity === null) return { command, args }
  if ([command, ...paths].every((path) => canReach(identity, path))) return { command, args, ...identity }
  const drop = [
    `--reuid=${identity.uid}`,
    `--regid=${identity.gid}`,
    '--clear-groups',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
  ]
  try {
    execFileSync('setpriv', [...drop, 'true'], { stdio: 'ignore' })
  } catch (cause) {
    const blocked = [command, ...paths].filter((path) => !canReach(identity, path))
    throw new Error(
      `PostgreSQL refuses to run as root, and as user ${identity.uid} it can't reach ${blocked.join(' and ')}. ` +
        'Move it to a directory that everybody may pass through, run Roadstead as another user, or set DATABASE_URL.',
      { cause },
    )
  }
  return { command: 'setpriv', args: [...drop, command, ...args] }
}

/** Whether every directory above `path` lets the identity through. Membership in further groups is left out: it never has any. */
function canReach({ uid, gid }: Identity, path: string): boolean {
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    const stat = lstatSync(dir)
    const shift = stat.uid === uid ? 6 : stat.gid === gid ? 3 : 0
    if (((stat.mode >> shift) & 1) === 0) return false
    if (dir === dirname(dir)) return true
  }
}
