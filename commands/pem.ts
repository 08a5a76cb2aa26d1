import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { ClusterCredentials } from '../clusters/gateway.ts'
import type { Parsed, Problem } from '../fleet/errors.ts'

/** Bundles are larger than one certificate, and far smaller than this. */
const pemCharactersMax = 512 * 1024

/** PEM certificates, or base64 of PEM as kubeconfigs hold it. Every certificate must be readable. */
export function parseCertificates(text: string, path: string): Parsed<string> {
  const pem = pemText(text)
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (pem.length > pemCharactersMax) return wrong(path, `is larger than ${pemCharactersMax} characters`)
  if (blocks.length === 0) return wrong(path, 'is not a PEM certificate: it must hold -----BEGIN CERTIFICATE-----')
  if (!blocks.every(readable)) return wrong(path, 'holds a certificate that cannot be read')
  return { value: `${blocks.join('\n')}\n`, problems: [] }
}

/** A client certificate (first of its chain) and its unencrypted private key. Messages never quote either. */
export function parseClientCertificate(certificate: string, key: string, path: string): Parsed<ClusterCredentials> {
  const chain = parseCertificates(certificate, `${path}.certificate`)
  const keyPem = pemText(key)
  const privateKey = keyPem.length > pemCharactersMax ? null : readKey(keyPem)
  const problems: Problem[] = [...chain.problems]
  if (privateKey === null) problems.push({ path: `${path}.key`, message: 'is not an unencrypted PEM private key' })
  if (chain.value === null || privateKey === null) return { value: null, problems }
  if (!new X509Certificate(chain.value).checkPrivateKey(privateKey)) return wrong(`${path}.key`, 'does not belong to the certificate')
  return { value: { kind: 'clientCertificate', certificate: chain.value, key: keyPem }, problems }
}

function wrong<T>(path: string, message: string): Parsed<T> {
  return { value: null, problems: [{ path, message }] }
}

function pemText(text: string): string {
  const trimmed = text.trim()
  if (trimmed.includes('-----BEGIN ') || !/^[A-Za-z0-9+/=\s]+$/.test(trimmed)) return `${trimmed}\n`
  return Buffer.from(trimmed, 'base64').toString('utf8')
}

function readable(block: string): boolean {
  try {
    return new X509Certificate(block).serialNumber !== ''
  } catch {
    return false
  }
}

function readKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem)
  } catch {
    return null
  }
}
