import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressProblem, serverProblem } from '../../../fleet/cluster-address.ts'

const strict = { allowLoopback: false }
const development = { allowLoopback: true }

describe('address of an API server', () => {
  it('may be a public name, a private address, an IPv6 address, with a port and a path', () => {
    for (const server of [
      'https://kube.example.com',
      'https://kube.example.com:6443',
      'https://10.0.0.1:6443',
      'https://192.168.4.9',
      'https://[2001:db8::1]:6443',
      'https://rancher.example.com/k8s/clusters/c-1',
      'https://[fd12::1]',
    ])
      expect(serverProblem(server, strict)).toBeNull()
  })

  it('is https and nothing but an address', () => {
    expect(serverProblem('http://kube.example.com', strict)).toContain('must be https')
    for (const server of [
      '',
      'kube.example.com',
      'ftp://kube.example.com',
      'file:///etc/passwd',
      'https://',
      'https://user:pw@kube.example.com',
      'https://@kube.example.com',
      'https://kube.example.com?x=1',
      'https://kube.example.com?',
      'https://kube.example.com#f',
      'https://kube.example.com\\@evil.example',
      'https://kube.exa\tmple.com',
      ' https://kube.example.com',
    ])
      expect(serverProblem(server, development), server).not.toBeNull()
  })

  it('is not loopback unless that is allowed', () => {
    for (const host of [
      '127.0.0.1',
      '127.9.9.9',
      'localhost',
      'LOCALHOST',
      'localhost.',
      'a.localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '127.1',
      '0x7f.1',
      '[0:0:0:0:0:0:0:1]',
      '%31%32%37.0.0.1',
    ]) {
      expect(serverProblem(`https://${host}:6443`, strict), host).toContain('loopback')
      expect(serverProblem(`https://${host}:6443`, development), host).toBeNull()
    }
  })

  it('is never a metadata service, link-local, unspecified, multicast or broadcast', () => {
    for (const host of [
      '169.254.169.254',
      '169.254.0.1',
      '2852039166',
      '0xa9fea9fe',
      '0251.0376.0251.0376',
      '169.254.43518',
      '[fe80::1]',
      '[febf::1]',
      '[fd00:ec2::254]',
      '[::ffff:169.254.169.254]',
      '[64:ff9b::a9fe:a9fe]',
      '[2002:a9fe:a9fe::1]',
      '[::169.254.169.254]',
      '100.100.100.200',
      'metadata.google.internal',
      '0.0.0.0',
      '0',
      '[::]',
      '224.0.0.1',
      '239.1.1.1',
      '255.255.255.255',
      '[ff02::1]',
    ])
      expect(serverProblem(`https://${host}`, development), host).not.toBeNull()
  })

  it('gives one answer for every spelling of an IPv4 address', () => {
    const octet = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 10, 127, 169, 192, 224, 254, 255))
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet, octet), ([a, b, c, d]) => {
        const whole = ((a * 256 + b) * 256 + c) * 256 + d
        const hex = whole.toString(16).padStart(8, '0')
        const spellings = [
          `${a}.${b}.${c}.${d}`,
          String(whole),
          `0x${hex}`,
          `0x${a.toString(16)}.0x${b.toString(16)}.0x${c.toString(16)}.0x${d.toString(16)}`,
          `0${a.toString(8)}.0${b.toString(8)}.0${c.toString(8)}.0${d.toString(8)}`,
          `${a}.${(b * 256 + c) * 256 + d}`,
          `${a}.${b}.${c * 256 + d}`,
          `[::ffff:${a}.${b}.${c}.${d}]`,
          `[::ffff:${hex.slice(0, 4)}:${hex.slice(4)}]`,
          `[0:0:0:0:0:FFFF:${hex.slice(0, 4)}:${hex.slice(4)}]`,
          `[64:ff9b::${hex.slice(0, 4)}:${hex.slice(4)}]`,
        ]
        const answers = new Set(spellings.map((host) => serverProblem(`https://${host}`, strict)))
        expect([...answers]).toHaveLength(1)
      }),
    )
  })

  it('is judged as a resolver writes it in the same way', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const host = address.includes(':') ? `[${address}]` : address
        expect(addressProblem(address, strict)).toBe(serverProblem(`https://${host}`, strict))
      }),
    )
    expect(addressProblem('fe80::1%eth0', strict)).not.toBeNull()
    expect(addressProblem('not an address', strict)).not.toBeNull()
  })
})
