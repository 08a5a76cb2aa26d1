/** The services that a set with `awsCodeCommit` may lead to. */
export type AwsServiceName = 'codecommit' | 'tagging' | 'sts'

/** Who the process is at AWS, as the AWS SDKs read it from the environment. The first of keys, web identity and container that is given counts. */
export interface AwsEnvironment {
  readonly accessKeyId?: string | undefined
  readonly secretAccessKey?: string | undefined
  readonly sessionToken?: string | undefined
  /** A token in a file that STS takes for a role: service accounts of EKS (IRSA). */
  readonly webIdentity?: {
    readonly tokenFile?: string | undefined
    readonly roleArn?: string | undefined
    readonly sessionName?: string | undefined
  }
  /** An address beside the container that gives credentials: EKS Pod Identity, ECS. */
  readonly container?: {
    readonly relativeUri?: string | undefined
    readonly fullUri?: string | undefined
    readonly token?: string | undefined
    readonly tokenFile?: string | undefined
  }
  readonly region?: string | undefined
  /** Where a service is, when not at AWS's public address: an endpoint in a private network. */
  readonly endpoints?: Readonly<Partial<Record<AwsServiceName, string | undefined>>>
}
