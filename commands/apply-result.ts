/** What came of one document of a manifest. */
export interface ApplyResult {
  readonly kind: 'Application' | 'ApplicationSet' | 'Project' | 'Cluster'
  readonly id: string
  readonly name: string
  readonly outcome: 'created' | 'configured' | 'unchanged'
}
