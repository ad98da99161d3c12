#!/bin/sh
# Entry of the nginx container: puts nginx.conf and the two includes that it looks for beside it into a folder that may be
# written to, the includes made from the container's settings, then starts nginx.
# It writes what bench/cluster/nginx.ts renders for local clusters; a test holds the two together.
#   STRATEGY  a name that ends in -sticky is routed by cookie
#   ROUTING   sticky or round-robin: overrules the name
#   REPLICAS  1 to 8
#   SUBNET    first three numbers of the replicas' addresses
#   CONF      the folder, made if it is not there; it need not be empty: the container may have been restarted
# Run again in the container with fewer REPLICAS it writes the includes for the first ones alone, for nginx to reload.
set -eu
port=8080
conf=${CONF:-/tmp/conf}

refuse() { printf 'nginx: %s\n' "$1" >&2; exit 1; }

case ${REPLICAS:-} in
  [1-8]) ;;
  *) refuse "REPLICAS is '${REPLICAS:-}'; expected a whole number from 1 to 8" ;;
esac
case ${ROUTING:-} in
  sticky | round-robin) routing=$ROUTING ;;
  '') case ${STRATEGY:-} in *-sticky) routing=sticky ;; *) routing=round-robin ;; esac ;;
  *) refuse "ROUTING is '$ROUTING'; expected sticky or round-robin" ;;
esac

# group NAME FIRST [backup]: an upstream of all replicas in rotation, starting with number FIRST.
group() {
  printf 'upstream %s {\n  zone %s 64k;\n' "$1" "$1"
  at=$2 role=''
  while :; do
    printf '  server %s.%s:3000 max_fails=0%s;\n' "$SUBNET" "$((10 + at))" "$role"
    at=$((at % REPLICAS + 1)) role=${3:+ $3}
    [ "$at" -ne "$2" ] || break
  done
  printf '  keepalive 64;\n  keepalive_requests 10000000;\n}\n'
}

upstreams() {
  group replicas 1
  if [ "$routing" = round-robin ]; then
    printf '\nmap "" $replica_group { default replicas; }\nmap "" $route_cookie  { default ""; }\n'
    return
  fi
  home=1
  while [ "$home" -le "$REPLICAS" ]; do group "only_replica-$home" "$home" backup; home=$((home + 1)); done
  printf '\nmap $cookie_route $replica_group {\n'
  home=1
  while [ "$home" -le "$REPLICAS" ]; do printf '  replica-%s only_replica-%s;\n' "$home" "$home"; home=$((home + 1)); done
  cat <<'END'
  default replicas;
}
# Sent only when the replica that answered is not the one the cookie names already.
map "$cookie_route $upstream_http_x_replica" $route_cookie {
  "~^(\S+) \1$" "";
  "~ $"          "";
  default        "route=$upstream_http_x_replica; Path=/; HttpOnly; SameSite=Lax";
}
END
}

mkdir -p "$conf/cluster"
cp "$(dirname "$0")/nginx.conf" "$conf/nginx.conf"
printf 'listen %s;\n' "$port" >"$conf/cluster/listen.conf"
upstreams >"$conf/cluster/upstreams.conf"
exec "$@"
