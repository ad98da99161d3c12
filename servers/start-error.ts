/** The error of a replica that cannot start for a reason outside its code, such as a store that does not answer. */

/** Its message is all a person needs to see; it is printed without a stack trace. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
