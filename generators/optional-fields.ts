/** Maps of the user's own, in which an empty text says something. */
const ownMaps = /(?:\.(?:labels|annotations|commonLabels|commonAnnotations|valuesObject)|\.plugin\.parameters)(?:[.[]|$)/
/** Fields that Argo CD writes although they are empty. */
const required = /(?:\.(?:repoURL|project|kind)|\.(?:info|env|extVars|tlas)\[\d+\]\.(?:name|value)|\.sourceHydrator\..*)$/

/**
 * Whether Argo CD leaves out the field of an Application that stands at a path (`spec.template.spec.source.path`) when its text or list is
 * empty, as Go writes its structs: of most fields it can't tell empty from absent.
 */
export function isLeftOutWhenEmpty(path: string): boolean {
  return !ownMaps.test(path) && !required.test(path)
}
