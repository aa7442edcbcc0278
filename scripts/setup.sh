# What ./start and ./test share: finds out what this machine lacks and, as root on Debian or Ubuntu, installs
# it. Read by sh (dash); the caller stands in the checkout's folder. Nothing here happens twice: each part
# looks first and is silent where there is nothing to do. Run by itself (`sudo sh scripts/setup.sh run`, or
# `test`), it installs the system's packages and does nothing else.
# shellcheck shell=sh

if [ "${0##*/}" = setup.sh ]; then cd "$(dirname "$0")/.." || exit 1; fi

say() { printf '== %s\n' "$*" >&2; }
fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '       %s\n' "$line" >&2; done
  exit 1
}
PATH="$PWD/node_modules/.bin:$PATH"
export PATH

have() { command -v "$1" >/dev/null 2>&1; }

# Oldest Go that builds the pinned versions, and the one to fetch where an older Go can fetch it.
GO_MINOR=26
GO_FETCHED=go1.26.7

need_node() {
  have node || fail 'Node.js is not installed.' 'Install Node 20.19 or later (https://nodejs.org), then run this again.'
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "Node.js $(node --version) is too old." 'Install Node 20.19 or later (https://nodejs.org), then run this again.'
}

need_npm_packages() {
  [ node_modules/.package-lock.json -nt package-lock.json ] && return
  say 'Installing npm packages (build and test tools; nothing runs install scripts)'
  npm ci --no-progress --loglevel=error || fail 'npm ci failed: see above.'
  # npm keeps an old time stamp where nothing changed.
  touch node_modules/.package-lock.json
}

# THIRD_PARTY_LICENSES is what a build writes last. A file that was deleted makes its folder newer.
need_build() {
  if [ -e dist/cli.js ] && [ -e dist/index.js ] && [ -e THIRD_PARTY_LICENSES ] &&
    [ -z "$(find src scripts/*.ts package.json package-lock.json -newer THIRD_PARTY_LICENSES -print | head -n 1)" ]; then
    return
  fi
  say 'Building'
  npm run --silent build || fail 'The build failed: see above.'
}

# Collects in $missing the Debian packages that are needed, and in $reasons a line of why for each.
lacks() {
  missing="$missing $1"
  reasons="$reasons
   $1: $2"
}

already_lacks() { case " $missing " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

engine_answers() {
  if have docker && docker info >/dev/null 2>&1; then return 0; fi
  have podman && podman info >/dev/null 2>&1
}

upstream_answers() {
  if [ -z "${upstream:-}" ]; then
    if tsx scripts/upstream-answers.ts examples/local.yaml; then upstream=yes; else upstream=no; fi
  fi
  [ "$upstream" = yes ]
}

go_minor() { GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p'; }
go_is_new_enough() { have go && [ "$(go_minor || echo 0)" -ge "$GO_MINOR" ] 2>/dev/null; }
# Go 1.21 and later fetch a newer Go by themselves, verified by Go's checksum database.
go_can_fetch() { have go && [ "$(go_minor || echo 0)" -ge 21 ] 2>/dev/null; }

look_for_system_packages() {
  missing='' reasons=''
  if ! engine_answers && ! have dockerd; then
    lacks docker.io 'the container engine that local nodes run in'
    have iptables || lacks iptables 'what the engine makes its networks with'
  fi
  if [ "$1" = test ]; then
    [ -x /usr/sbin/sshd ] || lacks openssh-server 'the tests connect to a real sshd on loopback (it is not started as a service)'
    have sudo || lacks sudo 'the tests become root with it, as kubewright does on a host'
    have ssh || lacks openssh-client "the system's ssh"
  fi
  without=$missing without_reasons=$reasons
  look_for_build_tools
  # Where upstream answers, the artifacts are downloaded and none of these is needed.
  if [ "$missing" != "$without" ] && upstream_answers; then missing=$without reasons=$without_reasons; fi
}

look_for_build_tools() {
  have debootstrap || lacks debootstrap 'makes the image of a node where no image registry is reachable'
  [ -e /etc/ssl/certs/ca-certificates.crt ] || lacks ca-certificates 'lets Go trust the servers it downloads from'
  have nft || lacks nftables 'what kube-proxy and flannel work with: it goes into their images'
  have iptables || already_lacks iptables || lacks iptables 'the same, for flannel'
  have haproxy || lacks haproxy 'what nodes reach the API servers through: it goes into an image, its service is not started'
  have gcc || lacks gcc 'builds runc and flannel'
  [ -e /usr/share/doc/libc6-dev ] || lacks libc6-dev "the C library's headers"
  [ -e /usr/include/seccomp.h ] || lacks libseccomp-dev 'a library that runc is built with'
  have pkg-config || lacks pkg-config 'tells the compiler where that library is'
  have zstd || lacks zstd 'compresses the images that are built'
  go_is_new_enough || go_can_fetch || lacks golang-go 'builds Kubernetes, containerd and the rest from source'
}

# Returns 1, having said what is to be installed, where it may not install.
need_system_packages() {
  look_for_system_packages "$1"
  [ -z "$missing" ] && return
  say "This machine lacks:$missing$reasons"
  if ! have apt-get; then
    say 'These are the Debian names. Install them with your package manager, then run this again.'
    return 1
  fi
  if [ "$(id -u)" != 0 ]; then
    say "Only root may install them. This does it and nothing else: sudo sh $PWD/scripts/setup.sh $1"
    return 1
  fi
  say 'Installing them with apt-get'
  install_with_apt
}

install_with_apt() {
  export DEBIAN_FRONTEND=noninteractive
  ssh_is_new=no
  if already_lacks openssh-server; then ssh_is_new=yes; fi
  apt-get update -qq || fail 'apt-get update failed: see above.'
  plain=''
  for package in $missing; do
    case $package in
      golang-go) install_go ;;
      haproxy) install_haproxy || exit 1 ;;
      *) plain="$plain $package" ;;
    esac
  done
  # shellcheck disable=SC2086 # words, on purpose
  [ -z "$plain" ] || apt-get install -y -q -o Dpkg::Use-Pty=0 --no-install-recommends $plain >&2 || fail 'apt-get install failed: see above.'
  # A test tool opens no door into this machine.
  if [ "$ssh_is_new" = yes ] && have systemctl; then systemctl disable --now ssh.service >/dev/null 2>&1 || true; fi
}

# The build takes its program; nobody here is to be served by it. policy-rc.d is how Debian is told not to start
# what it installs (invoke-rc.d(8)), and where a machine has one already, that one decides. In a subshell, whose
# traps are its own: the file must not outlive this.
install_haproxy() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  apt-get install -y -q -o Dpkg::Use-Pty=0 --no-install-recommends haproxy >&2 || fail 'apt-get install haproxy failed: see above.'
  # Nor at the next boot.
  update-rc.d haproxy disable >/dev/null 2>&1 || true
)

# Debian 12's own Go is 1.19; the one in backports can fetch newer ones. Its list is used for this one
# installation and stays out of /etc/apt.
install_go() {
  if apt_go_can_fetch; then
    apt-get install -y -q -o Dpkg::Use-Pty=0 --no-install-recommends golang-go >&2 || fail 'apt-get install golang-go failed: see above.'
    return
  fi
  # shellcheck disable=SC1091
  release=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  mirror=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $release" 2>/dev/null | head -n 1)
  scratch=$(mktemp -d)
  mkdir "$scratch/lists"
  printf 'deb %s %s-backports main\ndeb %s %s main\n' "${mirror:-http://deb.debian.org/debian}" "$release" \
    "${mirror:-http://deb.debian.org/debian}" "$release" >"$scratch/sources.list"
  set -- -q -o Dpkg::Use-Pty=0 -o "Dir::Etc::sourcelist=$scratch/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::lists=$scratch/lists"
  # apt's own unprivileged user reads the list.
  chmod 755 "$scratch"
  if ! { apt-get "$@" update && apt-get "$@" install -y --no-install-recommends -t "$release-backports" golang-go; } >&2; then
    rm -rf "$scratch"
    fail "No Go 1.21 or later could be installed from $release-backports." \
      "Install Go 1.$GO_MINOR or later (https://go.dev/dl/), then run this again."
  fi
  rm -rf "$scratch"
}

apt_go_can_fetch() {
  candidate=$(apt-cache policy golang-go | sed -n 's/^ *Candidate: [0-9]*:1\.\([0-9]*\).*/\1/p')
  [ "${candidate:-0}" -ge 21 ]
}

# Whatever is built is built by one Go, not by each module's own choice.
use_new_enough_go() {
  if ! go_is_new_enough && go_can_fetch; then
    GOTOOLCHAIN=$GO_FETCHED+auto
    export GOTOOLCHAIN
  fi
}

# Starts the engine where no init system does. Leaves it running: it is a service of this machine.
need_engine() {
  engine_answers && return
  if [ -n "${DOCKER_HOST:-}" ]; then
    engine_problem="nothing answers at DOCKER_HOST=$DOCKER_HOST"
    return 1
  fi
  have dockerd || { engine_problem='no container engine is installed'; return 1; }
  if [ "$(id -u)" != 0 ]; then
    engine_problem="docker does not answer for user $(id -un) (not running, or this user is not in the group docker)"
    return 1
  fi
  if [ -d /run/systemd/system ]; then
    say 'Starting docker.service'
    systemctl start docker.service || true
  else
    log=/var/log/dockerd.log
    # A pid file of an engine that is gone stops the next one from starting.
    if [ -e /var/run/docker.pid ] && ! kill -0 "$(cat /var/run/docker.pid)" 2>/dev/null; then rm -f /var/run/docker.pid; fi
    # In a session of its own, so that neither Ctrl-C nor the end of this shell ends it.
    setsid dockerd >"$log" 2>&1 </dev/null &
    say "No init system runs docker here: started dockerd (pid $!, log $log)"
  fi
  tries=0
  until engine_answers; do
    tries=$((tries + 1))
    if [ "$tries" -gt 60 ]; then
      engine_problem="dockerd was started but does not answer after 30 s: $(tail -n 1 "${log:-/dev/null}" 2>/dev/null)"
      return 1
    fi
    sleep 0.5
  done
}

if [ "${0##*/}" = setup.sh ]; then
  need_system_packages "${1:-run}"
fi
