# What Osler needs from the distribution, and why. Sourced by ./run.

# Names that differ between the two releases.
. /etc/os-release
case "${VERSION_ID:-}" in
  12) boost=libboost1.81-dev clang_runtime=libclang-rt-14-dev postgres_version=15 pgvector=postgresql-server-dev-15 ;;  # built: tools/postgres.sh
  13) boost=libboost1.83-dev clang_runtime=libclang-rt-19-dev postgres_version=17 pgvector=postgresql-17-pgvector ;;
  *) die "this runs on Debian 12 and 13, not on ${PRETTY_NAME:-this system}" ;;
esac

packages_build=(
  ca-certificates      # the registries' TLS
  g++ cmake ninja-build ccache   # the compiler and what drives it
  "$boost"             # HTTP: Beast and Asio
  libssl-dev           # TLS, AES-256-GCM, SHA-256
  nlohmann-json3-dev libyaml-dev        # JSON and the knowledge base
  libcjose-dev libcurl4-openssl-dev     # tokens of an identity provider, and its keys
  libhiredis-dev       # a rate limit that replicas share in Valkey or Redis
  libsqlite3-dev       # the embedded store
  libpq-dev            # PostgreSQL
  libicu-dev           # text
  libdnnl-dev          # the encoder's dense products
  libgdcm-dev libpng-dev libjpeg-dev      # films: DICOM, PNG, JPEG, in a process of their own
  libspdlog-dev libcli11-dev prometheus-cpp-dev   # logs, command line, metrics
)
packages_test=(
  libgtest-dev librapidcheck-dev            # unit and property tests
  libtorch-dev libopenblas0-pthread         # osler-train; the reference BLAS would be 50 times slower
  clang "$clang_runtime"                    # fuzzing
  clang-format
  chromium             # the page, in a real browser
  curl git             # README commands, the tidy test
  wrk                  # load
  redis-server         # a shared rate limit that comes and goes
  haproxy              # several servers behind one address
  faketime             # a clock that jumps
  "postgresql-$postgres_version" "$pgvector"   # a private cluster, with an index of vectors
  sqlite3              # looking into a store from outside
)

missing_packages() {  # names of those not installed
  local name
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else
    command -v sudo >/dev/null || die "installing packages needs root: run as root, or install sudo"
    sudo "$@"
  fi
}

install_packages() {  # install_packages build [test]
  local wanted=() missing=() set
  for set in "$@"; do
    case $set in
      build) wanted+=("${packages_build[@]}") ;;
      test) wanted+=("${packages_test[@]}") ;;
    esac
  done
  # Another vendor's Node may stand here already; the distribution's only where there is none.
  command -v node >/dev/null || wanted+=(nodejs)
  command -v npm >/dev/null || wanted+=(npm)
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  [ ${#missing[@]} = 0 ] && return 0
  say "installing ${#missing[@]} package(s) from the distribution ($* list of tools/packages.sh says why each): ${missing[*]}"
  as_root apt-get update -qq || die "the package lists could not be fetched"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
    || die "the packages could not be installed; apt's message is above"
}

install_node_packages() {  # install_node_packages <folder>: npm ci, only when the lock file changed
  local folder=$1 stamp=$1/node_modules/.osler-lock
  cmp -s "$folder/package-lock.json" "$stamp" && return 0
  say "installing the npm packages pinned in $folder/package-lock.json (no scripts run)"
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) || die "npm ci failed in $folder"
  cp "$folder/package-lock.json" "$stamp"
}

install_web_packages() { install_node_packages web; }
