/** Holds the balancer's includes to their text: what nginx reads is what was reviewed. */
import { expect, test } from 'vitest'
import { renderIncludes } from './nginx.ts'

const upstreams = [
  { name: 'replica-1', address: '127.0.0.1:20001' },
  { name: 'replica-2', address: '127.0.0.1:20002' },
  { name: 'replica-3', address: '127.0.0.1:20003' },
]

test('round robin: one group, every replica in it alike', () => {
  const includes = renderIncludes({ listen: '127.0.0.1:20480', upstreams, routing: 'round-robin' })
  expect(includes).toMatchInlineSnapshot(`
    {
      "cluster/listen.conf": "listen 127.0.0.1:20480;
    ",
      "cluster/upstreams.conf": "upstream replicas {
      zone replicas 64k;
      server 127.0.0.1:20001 max_fails=0;
      server 127.0.0.1:20002 max_fails=0;
      server 127.0.0.1:20003 max_fails=0;
      keepalive 64;
      keepalive_requests 10000000;
    }

    map "" $replica_group { default replicas; }
    map "" $route_cookie  { default ""; }
    ",
    }
  `)
})

test('sticky: a group for each replica in which the others stand by, and a cookie that names it', () => {
  const includes = renderIncludes({ listen: '127.0.0.1:20480', upstreams, routing: 'sticky' })
  expect(includes['cluster/upstreams.conf']).toMatchInlineSnapshot(`
    "upstream replicas {
      zone replicas 64k;
      server 127.0.0.1:20001 max_fails=0;
      server 127.0.0.1:20002 max_fails=0;
      server 127.0.0.1:20003 max_fails=0;
      keepalive 64;
      keepalive_requests 10000000;
    }
    upstream only_replica-1 {
      zone only_replica-1 64k;
      server 127.0.0.1:20001 max_fails=0;
      server 127.0.0.1:20002 max_fails=0 backup;
      server 127.0.0.1:20003 max_fails=0 backup;
      keepalive 64;
      keepalive_requests 10000000;
    }
    upstream only_replica-2 {
      zone only_replica-2 64k;
      server 127.0.0.1:20002 max_fails=0;
      server 127.0.0.1:20003 max_fails=0 backup;
      server 127.0.0.1:20001 max_fails=0 backup;
      keepalive 64;
      keepalive_requests 10000000;
    }
    upstream only_replica-3 {
      zone only_replica-3 64k;
      server 127.0.0.1:20003 max_fails=0;
      server 127.0.0.1:20001 max_fails=0 backup;
      server 127.0.0.1:20002 max_fails=0 backup;
      keepalive 64;
      keepalive_requests 10000000;
    }

    map $cookie_route $replica_group {
      replica-1 only_replica-1;
      replica-2 only_replica-2;
      replica-3 only_replica-3;
      default replicas;
    }
    # Sent only when the replica that answered is not the one the cookie names already.
    map "$cookie_route $upstream_http_x_replica" $route_cookie {
      "~^(\\S+) \\1$" "";
      "~ $"          "";
      default        "route=$upstream_http_x_replica; Path=/; HttpOnly; SameSite=Lax";
    }
    "
  `)
})

test('one replica is a cluster as well', () => {
  const [only] = upstreams
  const includes = renderIncludes({ listen: '80', upstreams: [only!], routing: 'sticky' })
  expect(includes['cluster/listen.conf']).toBe('listen 80;\n')
  expect(includes['cluster/upstreams.conf']).not.toContain('backup')
})

test('a balancer without replicas is refused', () => {
  expect(() => renderIncludes({ listen: '80', upstreams: [], routing: 'sticky' })).toThrow(RangeError)
})
