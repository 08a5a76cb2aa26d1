import { CodeCommitClient } from '@aws-sdk/client-codecommit'
import { fromHttp, fromTemporaryCredentials, fromTokenFile } from '@aws-sdk/credential-providers'
import { FleetError } from '../../fleet/errors.ts'
import type { AwsEnvironment } from './aws-environment.ts'
import { type AwsPlace, awsFailure } from './aws-failure.ts'
import type { AwsWire } from './aws-wire.ts'

/** Gives credentials of the AWS SDK when they are needed. */
export type AwsCredentials = CodeCommitClient['config']['credentials']

/** The service that gives credentials for others. */
export interface AwsSts {
  readonly wire: AwsWire
  readonly place: AwsPlace
}

/** Every role may be had for an hour. */
const roleSeconds = 3_600
const sessionName = 'roadstead'

/**
 * What the process has from AWS: keys, a web identity that `sts` takes for a role, or what is given beside its container (which the SDK
 * asks itself: loopback, https, or the fixed addresses of ECS and EKS). Throws CREDENTIAL_REFUSED when there is nothing of it.
 */
export function workerCredentials(environment: AwsEnvironment, sts: () => AwsSts): AwsCredentials {
  const accessKeyId = read(environment.accessKeyId, 'AWS_ACCESS_KEY_ID')
  const secretAccessKey = read(environment.secretAccessKey, 'AWS_SECRET_ACCESS_KEY')
  const sessionToken = read(environment.sessionToken, 'AWS_SESSION_TOKEN')
  if (accessKeyId !== '' && secretAccessKey !== '')
    return async () => ({ accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) })

  const { tokenFile = '', roleArn = '', sessionName: name } = environment.webIdentity ?? {}
  if (tokenFile !== '' && roleArn !== '') {
    const { wire, place } = sts()
    const given = { webIdentityTokenFile: tokenFile, roleArn, roleSessionName: name || sessionName }
    return failing(fromTokenFile({ ...given, clientConfig: wire }), 'AssumeRoleWithWebIdentity', { ...place, who: `the role ${roleArn}` })
  }

  const { relativeUri, fullUri, token, tokenFile: containerTokenFile } = environment.container ?? {}
  if (relativeUri || fullUri) {
    const provider = fromHttp({
      ...(relativeUri ? { awsContainerCredentialsRelativeUri: relativeUri } : { awsContainerCredentialsFullUri: fullUri ?? '' }),
      ...(containerTokenFile ? { awsContainerAuthorizationTokenFile: containerTokenFile } : {}),
      ...(token && !containerTokenFile ? { awsContainerAuthorizationToken: token } : {}),
    })
    return failing(provider, 'AWS_CONTAINER_CREDENTIALS', sts().place)
  }
  throw new FleetError(
    'CREDENTIAL_REFUSED',
    'awsCodeCommit needs AWS credentials of the worker: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for a session), or give its service account a role (AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, or AWS_CONTAINER_CREDENTIALS_FULL_URI). Profiles and roles of instances are not read',
  )
}

/** The credentials of a role that the holder of `own` may assume. */
export function roleCredentials(role: string, own: AwsCredentials, { wire, place }: AwsSts): AwsCredentials {
  const params = { RoleArn: role, RoleSessionName: sessionName, DurationSeconds: roleSeconds }
  return failing(fromTemporaryCredentials({ masterCredentials: own, params, clientConfig: wire }), 'AssumeRole', place)
}

function failing(credentials: AwsCredentials, operation: string, place: AwsPlace): AwsCredentials {
  return async () => {
    try {
      return await credentials()
    } catch (error) {
      throw awsFailure(error, operation, place)
    }
  }
}

/** The same, asked for once and kept until five minutes before they end. The SDK does that by client: those of one that asks nothing serve all. */
export function kept(credentials: AwsCredentials): AwsCredentials {
  return new CodeCommitClient({ region: 'us-east-1', credentials }).config.credentials
}

function read(value: string | undefined, name: string): string {
  const text = value?.trim() ?? ''
  if (/^[\x21-\x7e]*$/.test(text)) return text
  throw new FleetError('CREDENTIAL_REFUSED', `${name} of the process holds characters that no credential has`)
}
