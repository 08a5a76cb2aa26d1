import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { fromBER, Integer, Sequence } from 'asn1js'
import { compareSync } from 'bcryptjs'
import { describe, expect, it } from 'vitest'
import { argoEngine } from '../../../generators/argo-engine.ts'
import { expandSet } from '../../../generators/expand-set.ts'
import type { TemplateCrypto } from '../../../generators/gotemplate/environment.ts'
import { TemplateError } from '../../../generators/gotemplate/errors.ts'
import { executionSlowWorkMsMax, expansionSlowWorkMsMax, slowWorkMs } from '../../../generators/gotemplate/limits.ts'
import type { TemplateEngine } from '../../../generators/template-engine.ts'
import { generatorEnvironment } from '../../../server/generator-environment.ts'
import { templateCrypto } from '../../../server/template-crypto.ts'

const nowMs = Date.UTC(2026, 10, 21, 12, 30, 15, 250)
const context = { mode: { goTemplate: true, goTemplateOptions: [] }, types: [], nowMs }
const { engine } = generatorEnvironment()

function render(text: string, using: TemplateEngine = engine): string {
  return using.bind({}, context)(text)
}

/** What failed, after the place that Go puts in front. */
function refusal(text: string, using: TemplateEngine = engine): { readonly stage: string; readonly text: string } {
  try {
    render(text, using)
  } catch (error) {
    if (error instanceof TemplateError) return { stage: error.stage, text: error.message.replace(/^.*>: (error calling \w+: )?/s, '') }
    throw error
  }
  throw new Error('it should have failed')
}

function refused(text: string): string {
  return refusal(text).text
}

/** The PEM blocks of a text, in order. */
function blocks(text: string): string[] {
  return text.match(/-----BEGIN [^-]+-----\n(?:[^-]+\n)?-----END [^-]+-----\n/g) ?? []
}

/** Certificates and then one key, as templates of these tests print them. */
function certificates(text: string): {
  readonly certificates: readonly X509Certificate[]
  readonly key: KeyObject
  readonly keyPem: string
} {
  const pems = blocks(render(text))
  const keyPem = pems.pop() ?? ''
  return { certificates: pems.map((pem) => new X509Certificate(pem)), key: createPrivateKey(keyPem), keyPem }
}

function at<T>(items: readonly T[], i: number): T {
  const item = items[i]
  if (item === undefined) throw new Error(`there is no item ${i}`)
  return item
}

const serverAuth = '1.3.6.1.5.5.7.3.1'
const clientAuth = '1.3.6.1.5.5.7.3.2'
/** The value of an extension that is critical: id, TRUE, octets. */
const criticalKeyUsage = { authority: '0603551d0f0101ff0404030202a4', other: '0603551d0f0101ff0404030205a0' }

describe('password hashes of templates', () => {
  it('are bcrypt of cost 10 in the form that Go writes', () => {
    const hash = render('{{ bcrypt "pässword€😀" }}')
    expect(hash).toMatch(/^\$2a\$10\$[./A-Za-z0-9]{53}$/)
    expect(compareSync('pässword€😀', hash)).toBe(true)
    expect(compareSync('pässword', hash)).toBe(false)
    expect(render('{{ htpasswd "me" "pw" }}')).toMatch(/^me:\$2a\$10\$.{53}$/)
  })

  it('are refused for long passwords and wrong names in the text itself, as sprig does', () => {
    const refusalOfGo = 'failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes'
    expect(render('{{ bcrypt (repeat 73 "a") }}')).toBe(refusalOfGo)
    expect(render('{{ bcrypt (repeat 37 "ä") }}')).toBe(refusalOfGo)
    expect(render('{{ htpasswd "u" (repeat 73 "a") }}')).toBe(`u:${refusalOfGo}`)
    expect(render('{{ htpasswd "u:x" "a" }}')).toBe('invalid username: u:x')
    const longest = `${'a'.repeat(70)}é`
    expect(compareSync(longest, render(`{{ bcrypt "${longest}" }}`))).toBe(true)
  })

  it('refuse bytes that are no text', () => {
    expect(refused('{{ bcrypt (b64dec "/w==") }}')).toBe('bcrypt takes text in UTF-8 only')
  })
})

describe('private keys of templates', () => {
  it('are RSA keys of 4096 bits unless something else is asked for', () => {
    const pem = render('{{ genPrivateKey "" }}')
    expect(pem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/)
    expect(createPrivateKey(pem).asymmetricKeyDetails?.modulusLength).toBe(4096)
  })

  it('come in the forms that sprig writes', () => {
    const [ecdsa, ed25519, dsa] = ['ecdsa', 'ed25519', 'dsa'].map((kind) => render(`{{ genPrivateKey "${kind}" }}`))
    expect(ecdsa).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/)
    expect(createPrivateKey(ecdsa ?? '').asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
    expect(ed25519).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
    expect(createPrivateKey(ed25519 ?? '').asymmetricKeyType).toBe('ed25519')
    expect(dsa).toMatch(/^-----BEGIN DSA PRIVATE KEY-----\n/)
    // OpenSSL knows this form, and checks nothing but that it can be read.
    expect(createPrivateKey(dsa ?? '').asymmetricKeyDetails).toMatchObject({ modulusLength: 2048, divisorLength: 256 })
  })

  it('are of known kinds only', () => {
    expect(render('{{ genPrivateKey "foo" }}')).toBe('Unknown type foo')
    expect(refused('{{ genPrivateKey 3 }}')).toBe('expected string; found 3')
  })
})

describe('certificates of templates', () => {
  it('are authorities by genCA', () => {
    const made = certificates('{{ $a := genCA "my ca" 365 }}{{ $a.Cert }}{{ $a.Key }}')
    const authority = at(made.certificates, 0)
    expect(authority.ca).toBe(true)
    expect([authority.subject, authority.issuer, authority.subjectAltName]).toEqual(['CN=my ca', 'CN=my ca', undefined])
    expect(authority.verify(authority.publicKey)).toBe(true)
    expect(authority.checkPrivateKey(made.key)).toBe(true)
    expect(made.keyPem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/)
    expect(made.key.asymmetricKeyDetails?.modulusLength).toBe(2048)
    expect(authority.keyUsage).toEqual([serverAuth, clientAuth])
    expect(authority.raw.toString('hex')).toContain(criticalKeyUsage.authority)
  })

  it('begin when the expansion does, and last as many days as asked for', () => {
    const times = (days: number): number[] => {
      const [pem = ''] = blocks(render(`{{ (genSelfSignedCertWithKey "x" nil nil ${days} (genPrivateKey "ecdsa")).Cert }}`))
      const { validFromDate, validToDate } = new X509Certificate(pem)
      return [validFromDate.getTime(), (validToDate.getTime() - validFromDate.getTime()) / 86_400_000]
    }
    const second = Date.UTC(2026, 10, 21, 12, 30, 15)
    expect(times(30)).toEqual([second, 30])
    expect(times(-5)).toEqual([second, -5])
    // UTCTime ends with 2049.
    expect(times(20_000)).toEqual([second, 20_000])
    expect(times(-40_000)).toEqual([second, -40_000])
  })

  it('are signed by the authority that is given', () => {
    const made = certificates(`{{ $a := genCA "my ca" 365 }}
      {{- $s := genSignedCert "shop" (list "10.0.0.1" "fe80::1:0:0:2" "::ffff:1.2.3.4" "64:ff9b::1.2.3.4") (list "shop.example" "*.shop.example") 30 $a }}
      {{- $a.Cert }}{{ $s.Cert }}{{ $s.Key }}`)
    const [authority, leaf] = [at(made.certificates, 0), at(made.certificates, 1)]
    expect(leaf.verify(authority.publicKey)).toBe(true)
    expect(leaf.checkIssued(authority)).toBe(true)
    expect(leaf.checkPrivateKey(made.key)).toBe(true)
    expect([leaf.ca, leaf.subject, leaf.issuer]).toEqual([false, 'CN=shop', 'CN=my ca'])
    expect(leaf.subjectAltName).toBe(
      'DNS:shop.example, DNS:*.shop.example, IP Address:10.0.0.1, IP Address:FE80:0:0:0:1:0:0:2, IP Address:1.2.3.4, IP Address:64:FF9B:0:0:0:0:102:304',
    )
    expect([leaf.checkHost('a.shop.example'), leaf.checkIP('10.0.0.1'), leaf.checkHost('other')]).toEqual([
      '*.shop.example',
      '10.0.0.1',
      undefined,
    ])
    expect(leaf.keyUsage).toEqual([serverAuth, clientAuth])
    expect(leaf.raw.toString('hex')).toContain(criticalKeyUsage.other)
    expect(leaf.serialNumber).not.toBe(authority.serialNumber)
  })

  it('sign themselves by genSelfSignedCert, with and without a name', () => {
    const made = certificates('{{ $s := genSelfSignedCert "" nil (list "x.y") 3 }}{{ $s.Cert }}{{ $s.Key }}')
    const certificate = at(made.certificates, 0)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect([certificate.subject, certificate.subjectAltName, certificate.ca]).toEqual([undefined, 'DNS:x.y', false])
  })

  it.each([
    ['ecdsa', 'ed25519'],
    ['ed25519', 'ecdsa'],
  ])('take keys of other kinds: %s for the authority, %s for the certificate', (authorityKind, kind) => {
    const made = certificates(`{{ $a := genCAWithKey "Käse" 9 (genPrivateKey "${authorityKind}") }}
      {{- $s := genSignedCertWithKey "x" nil nil 9 $a (genPrivateKey "${kind}") }}{{ $a.Cert }}{{ $s.Cert }}{{ $s.Key }}`)
    const [authority, leaf] = [at(made.certificates, 0), at(made.certificates, 1)]
    expect([leaf.verify(authority.publicKey), leaf.checkIssued(authority), leaf.checkPrivateKey(made.key)]).toEqual([true, true, true])
    expect(leaf.issuer).toBe('CN=Käse')
    expect(createPublicKey(made.key).asymmetricKeyType).toBe(kind === 'ecdsa' ? 'ec' : kind)
  })

  it('come from outside by buildCustomCert', () => {
    const made = certificates(`{{ $a := genCAWithKey "ours" 9 (genPrivateKey "ecdsa") }}
      {{- $c := buildCustomCert (b64enc (print "text before\\n" $a.Cert)) (b64enc $a.Key) }}
      {{- $s := genSignedCert "x" nil nil 9 $c }}{{ $a.Cert }}{{ $s.Cert }}{{ $s.Key }}`)
    expect(at(made.certificates, 1).verify(at(made.certificates, 0).publicKey)).toBe(true)
  })

  it.each([
    ['{{ genCAWithKey "a" 1 "x" }}', 'parsing private key: no PEM data in input'],
    [
      '{{ genCAWithKey "a" 1 (genPrivateKey "dsa") }}',
      'error creating certificate: x509: certificate private key does not implement crypto.Signer',
    ],
    ['{{ genSelfSignedCert "a" (list "1.2.3") nil 1 }}', 'error parsing ip: 1.2.3'],
    ['{{ genSelfSignedCert "a" (list "01.2.3.4") nil 1 }}', 'error parsing ip: 01.2.3.4'],
    ['{{ genSelfSignedCert "a" (list "fe80::1%eth0") nil 1 }}', 'error parsing ip: fe80::1%eth0'],
    ['{{ genSelfSignedCert "a" (list 1) nil 1 }}', 'error parsing ip: 1 is not a string'],
    ['{{ genSelfSignedCert "a" nil (list 1) 1 }}', 'error processing alternate dns name: 1 is not a string'],
    ['{{ genSelfSignedCert "a" nil (list "é.x") 1 }}', 'error creating certificate: x509: "é.x" cannot be encoded as an IA5String'],
    ['{{ genSelfSignedCert (b64dec "/w==") nil nil 1 }}', 'error creating certificate: asn1: string not valid UTF-8'],
    ['{{ genSignedCert "x" nil nil 1 nil }}', 'cannot assign nil to sprig.certificate'],
    ['{{ buildCustomCert "x" "y" }}', 'unable to decode base64 certificate'],
    ['{{ buildCustomCert "eA==" "*" }}', 'unable to decode base64 private key'],
    ['{{ buildCustomCert "eA==" "eA==" }}', 'unable to decode certificate'],
  ])('are refused in Go’s words: %s', (template, words) => {
    expect(refused(template)).toBe(words)
  })

  it.each([
    ['"x"', 'no PEM data in input'],
    ['$a.Cert', 'no private key data in PEM block of type CERTIFICATE'],
    ['(replace "EC PRIVATE" "FOO PRIVATE" $a.Key)', 'invalid private key type FOO PRIVATE KEY'],
    [
      '(replace "EC PRIVATE" "RSA PRIVATE" $a.Key)',
      'parsing RSA private key from PEM: x509: failed to parse private key (use ParseECPrivateKey instead for this key format)',
    ],
    [
      '(replace "EC PRIVATE" "PRIVATE" $a.Key)',
      'decoding PEM as PKCS#8: x509: failed to parse private key (use ParseECPrivateKey instead for this key format)',
    ],
    [
      '(replace "PRIVATE" "EC PRIVATE" (genPrivateKey "ed25519"))',
      'parsing EC private key from PEM: x509: failed to parse private key (use ParsePKCS8PrivateKey instead for this key format)',
    ],
    // Go names its own structures after this.
    [
      '"-----BEGIN RSA PRIVATE KEY-----\\nAAAA\\n-----END RSA PRIVATE KEY-----\\n"',
      'parsing RSA private key from PEM: asn1: structure error',
    ],
  ])('are refused beside a key that can’t be read: %s', (key, words) => {
    const authority = '{{ $a := genCAWithKey "a" 1 (genPrivateKey "ecdsa") }}'
    expect(refused(`${authority}{{ $c := buildCustomCert (b64enc $a.Cert) (b64enc ${key}) }}`)).toBe(`error parsing private key: ${words}`)
  })

  it('are refused when certificate and key of the authority don’t belong together, or the certificate is none', () => {
    const two = '{{ $a := genCAWithKey "a" 1 (genPrivateKey "ecdsa") }}{{ $k := genPrivateKey "ecdsa" }}'
    expect(refused(`${two}{{ genSignedCert "x" nil nil 1 (buildCustomCert (b64enc $a.Cert) (b64enc $k)) }}`)).toBe(
      "error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey",
    )
    const otherKind = '{{ $a := genCAWithKey "a" 1 (genPrivateKey "ecdsa") }}{{ $k := genPrivateKey "ed25519" }}'
    expect(refused(`${otherKind}{{ genSignedCert "x" nil nil 1 (buildCustomCert (b64enc $a.Cert) (b64enc $k)) }}`)).toBe(
      "error creating certificate: x509: provided PrivateKey doesn't match parent's PublicKey",
    )
    const broken = '"-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n"'
    expect(refused(`{{ buildCustomCert (b64enc ${broken}) "eA==" }}`)).toBe(
      'error parsing certificate: decodedCert.Bytes: x509: malformed certificate',
    )
  })

  it('are never signed with a key that only pretends to be short', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const { result } = fromBER(Uint8Array.from(privateKey.export({ type: 'pkcs1', format: 'der' })))
    const numbers = result instanceof Sequence ? [...result.valueBlock.value] : []
    numbers[4] = new Integer({ valueHex: new Uint8Array(40_000).fill(0x7f).buffer })
    const der = Buffer.from(new Sequence({ value: numbers }).toBER()).toString('base64')
    const pem = `-----BEGIN RSA PRIVATE KEY-----\\n${der}\\n-----END RSA PRIVATE KEY-----\\n`
    expect(refused(`{{ genCAWithKey "x" 1 "${pem}" }}`)).toBe(
      'parsing private key: parsing RSA private key from PEM: crypto/rsa: invalid private key',
    )
  })

  it('are bounded in names and in what is read', () => {
    expect(refusal('{{ genSelfSignedCert "x" nil (concat (until 20000 | toStrings)) 1 }}').stage).toBe('limit')
    expect(refusal('{{ $t := repeat 100000 "abcdefghij" }}{{ genSelfSignedCert "x" nil (list $t $t $t $t $t) 1 }}').stage).toBe('limit')
    expect(refusal('{{ genCAWithKey "x" 1 (repeat 65537 "a") }}')).toEqual({
      stage: 'limit',
      text: 'a PEM text is longer than 65536 characters',
    })
  })
})

/** Crypto that costs nothing, and counts. */
function free(): { readonly crypto: TemplateCrypto; readonly calls: string[] } {
  const calls: string[] = []
  const crypto: TemplateCrypto = {
    ...templateCrypto(),
    bcrypt: (password) => `hash ${calls.push(password)}`,
    scrypt: () => new Uint8Array(64).fill(calls.push('scrypt')),
    certificate: () => ({ certificatePem: `certificate ${calls.push('certificate')}`, keyPem: 'key' }),
    generateKey: (kind) => `key ${calls.push(kind)}`,
  }
  return { crypto, calls }
}

describe('functions that are slow on purpose', () => {
  it.each([
    ['bcrypt "x"', slowWorkMs.bcrypt],
    ['genPrivateKey "rsa"', slowWorkMs.rsa],
    ['genPrivateKey "dsa"', slowWorkMs.dsa],
    ['genCA "x" 1', slowWorkMs.signature + slowWorkMs.newCertificateKey],
    ['derivePassword 1 "long" "secret" (toString $i) "site"', slowWorkMs.scrypt],
  ])('run a handful of times in one template: %s', (call, ms) => {
    const { crypto, calls } = free()
    const { stage, text } = refusal(`{{ range $i := until 1000 }}{{ ${call} }}{{ end }}`, argoEngine({ crypto }))
    expect(stage).toBe('limit')
    expect(text).toBe('the template makes more than 20 certificates or password hashes, or 4 RSA keys, beside what else it does')
    expect(calls.length).toBeLessThanOrEqual(executionSlowWorkMsMax / ms)
    expect(calls.length).toBeGreaterThan(executionSlowWorkMsMax / ms - 2)
  })

  function expand(template: string, elements: number): ReturnType<typeof expandSet> {
    const spec = {
      goTemplate: true,
      generators: [{ list: { elements: Array.from({ length: elements }, (_, id) => ({ id: `e${id}` })) } }],
      template: { metadata: { name: '{{ .id }}', annotations: { secret: template } }, spec: { project: 'default' } },
    }
    const inputs = { clusters: [], answer: () => undefined, nowMs }
    return expandSet({ metadata: { name: 'set' }, spec }, inputs, environment)
  }
  const { crypto, calls } = free()
  const environment = { ...generatorEnvironment(), engine: argoEngine({ crypto }) }

  it('are bounded over the applications of one expansion, which says so', () => {
    const hashes = expansionSlowWorkMsMax / slowWorkMs.bcrypt
    const enough = expand('{{ bcrypt .id }}', hashes)
    expect([enough.outcome, enough.outcome === 'complete' && enough.problems]).toEqual(['complete', []])
    const expansion = expand('{{ bcrypt .id }}', hashes + 2)
    if (expansion.outcome !== 'complete') throw new Error(expansion.outcome)
    expect(expansion.applications.length).toBe(hashes)
    expect(expansion.problems.length).toBe(2)
    expect(expansion.problems[0]?.message).toContain(
      'the set makes more keys, certificates and password hashes than 50 certificates, 50 hashes or 10 RSA keys: make them once and outside, in a Secret',
    )
  })

  it('derive passwords of one user for any number of applications', () => {
    calls.length = 0
    const expansion = expand('{{ derivePassword 1 "long" "secret" "user" .id }}', 500)
    expect(expansion.outcome === 'complete' && expansion.problems).toEqual([])
    expect(calls.length).toBe(1)
  })

  it('stop when they took their share of the minute, and go on later', () => {
    // Start, then for each call when it begins and when it ends: a third of the time that goes by comes back to the allowance of 20 s.
    const clockMs = [0, ...[0, 15_000], ...[15_000, 30_000], ...[30_000], ...[33_000, 33_000]]
    const { scrypt } = templateCrypto(() => clockMs.shift() ?? Number.NaN)
    const derive = (): number | undefined => scrypt?.(new Uint8Array(1), new Uint8Array(1)).length
    expect([derive(), derive()]).toEqual([64, 64])
    expect(derive).toThrow('have taken 20 s of this minute')
    expect(derive()).toBe(64)
  })
})
