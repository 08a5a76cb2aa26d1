import { FleetError } from '../../fleet/errors.ts'
import type { JsonObject } from '../../fleet/json.ts'
import { textAt } from '../../fleet/json-at.ts'
import { checkedApi, type ScmAddressPolicy } from './address.ts'
import { type AwsClient, type AwsService, createAwsClient, xmlText } from './aws-client.ts'
import type { AwsCredentials } from './aws-signature.ts'
import type { ClientParts } from './host-client.ts'

/** Who the process is at AWS, as the AWS SDKs read it from the environment. */
export interface AwsEnvironment {
  readonly accessKeyId?: string | undefined
  readonly secretAccessKey?: string | undefined
  readonly sessionToken?: string | undefined
  readonly region?: string | undefined
  /** Where a service is, when not at AWS's public address: an endpoint in a private network. */
  readonly endpoints?: Readonly<Partial<Record<AwsService, string | undefined>>>
}

/** What the settings of `awsCodeCommit` say whom to ask as whom. */
export interface AwsClients {
  readonly codecommit: AwsClient
  readonly tagging: AwsClient
}

// Both become part of what is asked where, so that nothing but a region and a role may get through.
const regionPattern = /^[a-z]{2,8}(-[a-z]{1,20}){1,3}-\d{1,2}$/
const rolePattern = /^arn:aws[a-z-]{0,20}:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/

/** Keys of a role are replaced that long before they end. */
const earlyMs = 5 * 60_000
/** Every role may be had for an hour. */
const roleSeconds = 3_600
const rolesMax = 1_000
const ownWho = 'the credentials of the worker'

/** Clients of AWS for application sets: the process's identity, or a `role` that it may assume, each role's keys until shortly before they end. */
export class AwsAccount {
  readonly #roles = new Map<string, { readonly credentials: AwsCredentials; readonly untilMs: number }>()
  readonly #environment: AwsEnvironment
  readonly #policy: ScmAddressPolicy
  readonly #parts: ClientParts

  constructor(environment: AwsEnvironment, policy: ScmAddressPolicy, parts: ClientParts) {
    this.#environment = environment
    this.#policy = policy
    this.#parts = parts
  }

  /** Throws CREDENTIAL_REFUSED without credentials, INVALID_INPUT for what is no region or role, and whatever STS answers. */
  async clients(settings: JsonObject, signal: AbortSignal | undefined): Promise<AwsClients> {
    const own = this.#ownCredentials()
    const region = regionOf(textAt(settings, 'region') || (this.#environment.region ?? ''))
    const role = textAt(settings, 'role')
    if (role !== '' && !rolePattern.test(role))
      throw new FleetError('INVALID_INPUT', 'role is not the ARN of a role, such as arn:aws:iam::111111111111:role/discovery')
    const credentials = role === '' ? own : await this.#assumed(role, own, { region, signal })
    const [identity, who] = role === '' ? [own.accessKeyId, ownWho] : [role, `the role ${role}`]
    const client = (service: AwsService) =>
      createAwsClient({ service, region, base: this.#base(service, region), credentials, identity, who, signal }, this.#parts)
    return { codecommit: client('codecommit'), tagging: client('tagging') }
  }

  #ownCredentials(): AwsCredentials {
    const read = (value: string | undefined, name: string): string => {
      const text = value?.trim() ?? ''
      if (/^[\x21-\x7e]*$/.test(text)) return text
      throw new FleetError('CREDENTIAL_REFUSED', `${name} of the process holds characters that no credential has`)
    }
    const accessKeyId = read(this.#environment.accessKeyId, 'AWS_ACCESS_KEY_ID')
    const secretAccessKey = read(this.#environment.secretAccessKey, 'AWS_SECRET_ACCESS_KEY')
    const sessionToken = read(this.#environment.sessionToken, 'AWS_SESSION_TOKEN')
    if (accessKeyId === '' || secretAccessKey === '') {
      throw new FleetError(
        'CREDENTIAL_REFUSED',
        'awsCodeCommit needs AWS credentials of the worker: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for a session). Profiles, web identities and instance roles are not read',
      )
    }
    return { accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) }
  }

  async #assumed(
    role: string,
    own: AwsCredentials,
    { region, signal }: { readonly region: string; readonly signal: AbortSignal | undefined },
  ): Promise<AwsCredentials> {
    const known = this.#roles.get(role)
    if (known !== undefined && known.untilMs - earlyMs > this.#parts.nowMs()) return known.credentials
    // The process is at home in its own region; the set's is where the repositories are.
    const home = this.#environment.region === undefined ? region : regionOf(this.#environment.region)
    const base = this.#base('sts', home)
    const connection = { service: 'sts', region: home, base, credentials: own, identity: own.accessKeyId, who: ownWho, signal } as const
    const sts = createAwsClient(connection, this.#parts)
    const fields = { RoleArn: role, RoleSessionName: 'roadstead', DurationSeconds: String(roleSeconds) }
    const xml = await sts.form('AssumeRole', fields)
    const credentials = {
      accessKeyId: xmlText(xml, 'AccessKeyId'),
      secretAccessKey: xmlText(xml, 'SecretAccessKey'),
      sessionToken: xmlText(xml, 'SessionToken'),
    }
    if (!Object.values(credentials).every((text) => /^[\w+/=.-]+$/.test(text)))
      throw new FleetError('GIT_UNREACHABLE', `${base.origin} AssumeRole answers without credentials: is this AWS?`)
    const untilMs = Date.parse(xmlText(xml, 'Expiration'))
    if (this.#roles.size >= rolesMax) this.#roles.clear()
    if (Number.isFinite(untilMs)) this.#roles.set(role, { credentials, untilMs })
    return credentials
  }

  #base(service: AwsService, region: string): URL {
    const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
    return checkedApi(this.#environment.endpoints?.[service] ?? `https://${service}.${region}.${domain}`, this.#policy)
  }
}

function regionOf(region: string): string {
  if (regionPattern.test(region)) return region
  throw new FleetError(
    'INVALID_INPUT',
    region === ''
      ? 'awsCodeCommit needs a region: give it in the set, or set AWS_REGION for the worker'
      : `${JSON.stringify(region.slice(0, 100))} is no region of AWS such as eu-west-1`,
  )
}
