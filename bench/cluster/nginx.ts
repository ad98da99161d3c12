/** Renders the two includes through which one nginx.conf serves every cluster. */
import type { Routing } from '../../servers/strategies/strategy.ts'

/** A replica as the balancer sees it. */
export interface Upstream {
  /** The name the replica gives itself in `X-Replica`. */
  readonly name: string
  /** `host:port` */
  readonly address: string
}

/** What the balancer of one cluster has to know. */
export interface BalancerSettings {
  /** Argument of nginx's `listen`, e.g. `127.0.0.1:20480`. */
  readonly listen: string
  readonly upstreams: readonly Upstream[]
  readonly routing: Routing
}

/**
 * @returns the text of each include by its path relative to nginx.conf
 * @throws RangeError when there is no replica to send requests to
 */
export function renderIncludes(settings: BalancerSettings): Record<string, string> {
  if (settings.upstreams.length === 0) throw new RangeError('a balancer needs at least one replica')
  return {
    'cluster/listen.conf': `listen ${settings.listen};\n`,
    'cluster/upstreams.conf':
      settings.routing === 'sticky' ? stickyUpstreams(settings.upstreams) : roundRobin(settings.upstreams),
  }
}

function roundRobin(upstreams: readonly Upstream[]): string {
  return `${group(
    'replicas',
    upstreams.map((upstream) => server(upstream)),
  )}
map "" $replica_group { default replicas; }
map "" $route_cookie  { default ""; }
`
}

/**
 * Routes by a cookie of the balancer's own that holds the replica's name. Hashing the session id would not do: the
 * login is answered by one replica under an id that hashes to another. Each replica has a group of its own in which
 * the others stand by, so that a request still finds an answer when its replica is gone.
 */
function stickyUpstreams(upstreams: readonly Upstream[]): string {
  const own = upstreams.map((home, at) => {
    const others = [...upstreams.slice(at + 1), ...upstreams.slice(0, at)]
    return group(`only_${home.name}`, [server(home), ...others.map((other) => server(other, ' backup'))])
  })
  const routes = upstreams.map(({ name }) => `  ${name} only_${name};`)
  return `${group(
    'replicas',
    upstreams.map((upstream) => server(upstream)),
  )}${own.join('')}
map $cookie_route $replica_group {
${routes.join('\n')}
  default replicas;
}
# Sent only when the replica that answered is not the one the cookie names already.
map "$cookie_route $upstream_http_x_replica" $route_cookie {
  "~^(\\S+) \\1$" "";
  "~ $"          "";
  default        "route=$upstream_http_x_replica; Path=/; HttpOnly; SameSite=Lax";
}
`
}

/**
 * `max_fails=0`: with nginx's default of one failure a replica that is back gets no requests for ten seconds, and a
 * rolling restart takes the whole site down for as long.
 */
function server({ address }: Upstream, role = ''): string {
  return `  server ${address} max_fails=0${role};`
}

/** The shared `zone` keeps the rotation strict should there ever be more than one worker. */
function group(name: string, servers: readonly string[]): string {
  return `upstream ${name} {
  zone ${name} 64k;
${servers.join('\n')}
  keepalive 64;
  keepalive_requests 10000000;
}
`
}
