/** Bounds of what is read. Anything larger is refused with a problem, never cut. */
export const textCharactersMax = 4 * 1024 * 1024
export const documentsMax = 1_000
/** Maps and lists inside each other. */
export const depthMax = 60
/** Scalars, maps and lists of one text, each alias counted with everything that it stands for. */
export const nodesMax = 500_000
/** Problems that are reported; more than these help nobody. */
export const problemsMax = 200
