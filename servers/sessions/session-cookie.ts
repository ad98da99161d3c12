/** The one session cookie that all strategies set, so that they differ in where the state lives and in nothing else. */

/** No dot: nginx would read `$cookie_connect.sid` as `$cookie_connect` followed by `.sid`. */
export const SESSION_COOKIE_NAME = 'sid'

/** How long a session lasts after it was last written, in the browser and in the store. */
export const SESSION_TTL_MS = 24 * 60 * 60 * 1000

/** Everything of the cookie but its lifetime. Not `secure`: the clusters speak plain HTTP on the loopback interface. */
export const SESSION_COOKIE = { path: '/', httpOnly: true, sameSite: 'lax' } as const
