/** Applications of one set. */
export const applicationsMax = 50_000
/** Problems that one expansion reports; further ones are counted. */
export const problemsMax = 100
