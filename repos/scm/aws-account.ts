import { CodeCommit } from '@aws-sdk/client-codecommit'
import { ResourceGroupsTaggingAPI } from '@aws-sdk/client-resource-groups-tagging-api'
import { FleetError } from '../../fleet/errors.ts'
import type { JsonObject } from '../../fleet/json.ts'
import { textAt } from '../../fleet/json-at.ts'
import { checkedApi, type ScmAddressPolicy } from './address.ts'
import { type AwsClients, createAwsClient } from './aws-client.ts'
import { awsCodeCommitHost } from './aws-codecommit.ts'
import { type AwsCredentials, type AwsSts, kept, roleCredentials, workerCredentials } from './aws-credentials.ts'
import type { AwsEnvironment, AwsServiceName } from './aws-environment.ts'
import type { AwsPlace } from './aws-failure.ts'
import { awsWire } from './aws-wire.ts'
import type { ScmHost } from './host.ts'
import type { ClientParts } from './host-client.ts'

// Both become part of what is asked where, so that nothing but a region and a role may get through.
const regionPattern = /^[a-z]{2,8}(-[a-z]{1,20}){1,3}-\d{1,2}$/
const rolePattern = /^arn:aws[a-z-]{0,20}:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/

/** Roles, and clients by role and region, that are kept. */
const keptMax = 1_000
const own = { identity: 'worker', who: 'the credentials of the worker' } as const

interface SdkClients {
  readonly codecommit: CodeCommit
  readonly tagging: ResourceGroupsTaggingAPI
}

/** CodeCommit for application sets: as the process, or as a `role` that it may assume. Brings the AWS SDK along: import it when a set asks. */
export class AwsAccount {
  readonly #clients = new Map<string, SdkClients>()
  /** By role; '' is the process itself. */
  readonly #credentials = new Map<string, AwsCredentials>()
  /** What the credentials in use hold, to be kept out of messages. */
  readonly #secrets = new Map<string, readonly string[]>()
  readonly #environment: AwsEnvironment
  readonly #policy: ScmAddressPolicy
  readonly #parts: ClientParts

  constructor(environment: AwsEnvironment, policy: ScmAddressPolicy, parts: ClientParts) {
    this.#environment = environment
    this.#policy = policy
    this.#parts = parts
  }

  /** Throws CREDENTIAL_REFUSED without credentials, INVALID_INPUT for what is no region, role or endpoint. Asks nobody yet. */
  host(settings: JsonObject, signal: AbortSignal | undefined): ScmHost {
    const setRegion = textAt(settings, 'region') || (this.#environment.region ?? '')
    const ownCredentials = this.#kept('', () => workerCredentials(this.#environment, () => this.#sts(setRegion)))
    const region = regionOf(setRegion)
    const role = textAt(settings, 'role')
    if (role !== '' && !rolePattern.test(role))
      throw new FleetError('INVALID_INPUT', 'role is not the ARN of a role, such as arn:aws:iam::111111111111:role/discovery')
    const credentials = role === '' ? ownCredentials : this.#kept(role, () => roleCredentials(role, ownCredentials, this.#sts(region)))
    const { codecommit, tagging } = this.#sdkClients(role, region, credentials)
    const who = role === '' ? own.who : `the role ${role}`
    const clients: AwsClients = {
      codecommit: createAwsClient(codecommit, this.#place('codecommit', region, who), signal),
      tagging: createAwsClient(tagging, this.#place('tagging', region, who), signal),
    }
    return awsCodeCommitHost(settings, clients, this.#parts.limits)
  }

  #kept(role: string, make: () => AwsCredentials): AwsCredentials {
    const known = this.#credentials.get(role)
    if (known !== undefined) return known
    const given = make()
    const credentials = kept(async () => {
      const one = await given()
      this.#secrets.set(role, [one.secretAccessKey, one.sessionToken ?? ''])
      return one
    })
    if (this.#credentials.size >= keptMax) for (const map of [this.#credentials, this.#secrets, this.#clients]) map.clear()
    this.#credentials.set(role, credentials)
    return credentials
  }

  #sdkClients(role: string, region: string, credentials: AwsCredentials): SdkClients {
    const key = `${region} ${role}`
    const known = this.#clients.get(key)
    if (known !== undefined) return known
    const identity = role === '' ? own.identity : role
    const clients = {
      codecommit: new CodeCommit({ ...this.#wire('codecommit', region, identity), credentials }),
      tagging: new ResourceGroupsTaggingAPI({ ...this.#wire('tagging', region, identity), credentials }),
    }
    if (this.#clients.size >= keptMax) this.#clients.clear()
    this.#clients.set(key, clients)
    return clients
  }

  /** The process is at home in its own region; the set's is where the repositories are. */
  #sts(setRegion: string): AwsSts {
    const region = regionOf(this.#environment.region ?? setRegion)
    return { wire: this.#wire('sts', region, own.identity), place: this.#place('sts', region, own.who) }
  }

  #wire(service: AwsServiceName, region: string, identity: string) {
    const given = this.#environment.endpoints?.[service] ?? ''
    const endpoint = given === '' ? null : checkedApi(given, this.#policy)
    return awsWire({ service, region, endpoint, identity }, this.#policy, this.#parts)
  }

  #place(service: AwsServiceName, region: string, who: string): AwsPlace {
    const clean = (text: string) =>
      [...this.#secrets.values()]
        .flat()
        .filter((secret) => secret !== '')
        .reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
        .replaceAll(webToken, '***')
    return { where: this.#environment.endpoints?.[service] || `${service} of AWS in ${region}`, who, clean }
  }
}

/** What a web identity is: a JSON web token. */
const webToken = /eyJ[\w-]+\.[\w-]+\.[\w-]*/g

function regionOf(region: string): string {
  if (regionPattern.test(region)) return region
  throw new FleetError(
    'INVALID_INPUT',
    region === ''
      ? 'awsCodeCommit needs a region: give it in the set, or set AWS_REGION for the worker'
      : `${JSON.stringify(region.slice(0, 100))} is no region of AWS such as eu-west-1`,
  )
}
