import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseCertificates, parseClientCertificate } from '../../../commands/pem.ts'

// A certificate of example.invalid and its key, made for this test; good for nothing else.
import { certificate, key } from './certificate.ts'

describe('certificates', () => {
  it('are taken as PEM and as base64 of PEM, several in one text', () => {
    expect(parseCertificates(certificate, 'caData')).toEqual({ value: certificate, problems: [] })
    expect(parseCertificates(Buffer.from(certificate).toString('base64'), 'caData').value).toBe(certificate)
    expect(parseCertificates(`# first\n${certificate}\n${certificate}`, 'caData').value).toBe(certificate + certificate)
  })

  it.each(['', 'nonsense', 'bm9uc2Vuc2U=', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
    'are refused when they are none: %j',
    (text) => {
      expect(parseCertificates(text, 'caData')).toMatchObject({ value: null, problems: [{ path: 'caData' }] })
    },
  )

  it('are refused when one of them can not be read', () => {
    expect(parseCertificates(`${certificate}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`, 'caData').value).toBeNull()
  })
})

describe('a client certificate', () => {
  it('is taken with its key', () => {
    expect(parseClientCertificate(certificate, key, 'c')).toEqual({ value: { kind: 'clientCertificate', certificate, key }, problems: [] })
  })

  it('is refused with the key of another, which is not quoted', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const parsed = parseClientCertificate(certificate, other, 'c')
    expect(parsed).toEqual({ value: null, problems: [{ path: 'c.key', message: 'does not belong to the certificate' }] })
  })

  it('is refused with an encrypted key, and with none', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const encrypted = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString()
    for (const wrong of [encrypted, '', 'x'])
      expect(parseClientCertificate(certificate, wrong, 'c')).toMatchObject({ value: null, problems: [{ path: 'c.key' }] })
  })

  it('names both problems when both are wrong', () => {
    expect(parseClientCertificate('x', 'y', 'c').problems.map((problem) => problem.path)).toEqual(['c.certificate', 'c.key'])
  })
})
