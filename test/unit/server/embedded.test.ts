import { describe, expect, it } from 'vitest'
import { type EmbeddedStarters, startEmbedded } from '../../../server/embedded.ts'

const stateDir = { postgres: 'postgres', temporalDb: 'temporal.db' }

/** Servers that only say what was done to them; `failing` ones don't start, or don't stop. */
function servers(failing: { readonly start?: string; readonly stop?: string } = {}) {
  const log: string[] = []
  const start = async (name: string) => {
    // The other is up already when this one fails.
    await new Promise((resolve) => setTimeout(resolve, failing.start === name ? 5 : 0))
    if (failing.start === name) throw new Error(`${name} did not start`)
    log.push(`${name} started`)
    const stop = async () => {
      if (failing.stop === name) throw new Error(`${name} did not stop`)
      log.push(`${name} stopped`)
    }
    return { pid: 1, adopted: false, stop }
  }
  const starters: EmbeddedStarters = {
    postgres: async () => ({ ...(await start('postgres')), url: 'postgres://embedded' }),
    temporal: async () => ({ ...(await start('temporal')), address: '127.0.0.1:1', uiUrl: 'http://127.0.0.1:2' }),
  }
  return { log, starters }
}

describe('the embedded servers', () => {
  it('start both, and stop in the reverse order', async () => {
    const { log, starters } = servers()
    const embedded = await startEmbedded({}, stateDir, () => undefined, starters)
    expect(embedded).toMatchObject({
      databaseUrl: 'postgres://embedded',
      temporalAddress: '127.0.0.1:1',
      temporalUiUrl: 'http://127.0.0.1:2',
    })
    await embedded.stop()
    expect(log.slice(2)).toEqual(['temporal stopped', 'postgres stopped'])
  })

  it.each([
    ['temporal', 'postgres'],
    ['postgres', 'temporal'],
  ])('leave nothing running when %s fails to start', async (start, other) => {
    const { log, starters } = servers({ start })
    await expect(startEmbedded({}, stateDir, () => undefined, starters)).rejects.toThrow(`${start} did not start`)
    expect(log).toEqual([`${other} started`, `${other} stopped`])
  })

  it('say why the start failed, also when the other cannot be stopped again', async () => {
    const { starters } = servers({ start: 'temporal', stop: 'postgres' })
    await expect(startEmbedded({}, stateDir, () => undefined, starters)).rejects.toThrow('temporal did not start')
  })

  it('are stopped one like the other when one cannot be', async () => {
    const { log, starters } = servers({ stop: 'temporal' })
    const embedded = await startEmbedded({}, stateDir, () => undefined, starters)
    await expect(embedded.stop()).rejects.toThrow('temporal did not stop')
    expect(log).toContain('postgres stopped')
  })

  it('that the configuration replaces are not started', async () => {
    const { log, starters } = servers()
    const config = { DATABASE_URL: 'postgres://given', TEMPORAL_ADDRESS: 'given:7233' }
    const embedded = await startEmbedded(config, stateDir, () => undefined, starters)
    expect(embedded).toMatchObject({ databaseUrl: 'postgres://given', temporalAddress: null, temporalUiUrl: null })
    await embedded.stop()
    expect(log).toEqual([])
  })
})
