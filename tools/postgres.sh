# PostgreSQL for the tests, with pgvector. Sourced by ./run after tools/packages.sh.
#
# Debian 13 has pgvector as a package. Debian 12 has none: Debian 13's source package is built against PostgreSQL 15. The archive's address
# is that of this machine's own apt configuration, every download goes through apt's own downloader (so through its proxies), and a chain of
# checks leads from Debian's signing key to the archive that is built: signature of InRelease, its hash of the index of sources, the index's
# hash of the archive.

postgres_control=/usr/share/postgresql/$postgres_version/extension/vector.control

apt_get_file() { /usr/lib/apt/apt-helper -qq download-file "$@" 2>/dev/null; }  # apt_get_file <address> <file> [SHA256:<digits>]

archive_address() {  # of the mirror that this release's own packages come from
  apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' \
    | awk -v codename="$VERSION_CODENAME" '$2 == codename && $3 == "main" { print $1; exit }'
}

field_of_sources() {  # field_of_sources <package> <field>, from the index of sources on standard input
  awk -v RS= -v package="$1" -v field="$2" '
    $0 ~ "(^|\n)Package: " package "(\n|$)" {
      count = split($0, lines, "\n")
      for (i = 1; i <= count; ++i) {
        if (lines[i] ~ "^" field ":") { inside = 1; sub("^" field ": *", "", lines[i]) }
        else if (lines[i] !~ /^ /) inside = 0
        if (inside && lines[i] != "") print lines[i]
      }
    }'
}

build_pgvector() (  # in a folder of its own, which goes whatever happens
  set -euo pipefail
  local folder archive index_hash directory source_hash source_name
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  cd "$folder"
  archive=$(archive_address)
  [ -n "$archive" ] || die "apt knows no archive of $VERSION_CODENAME to take the source of pgvector from"
  apt_get_file "${archive}dists/trixie/InRelease" InRelease || die "the release file of Debian 13 could not be fetched from apt's own archive"
  gpgv --quiet --keyring /usr/share/keyrings/debian-archive-keyring.gpg --output Release InRelease 2>/dev/null \
    || die "the release file of Debian 13 is not signed by Debian"
  index_hash=$(awk '/^[^ ]/ { inside = /^SHA256:/ } inside && $3 == "main/source/Sources.xz" { print $1 }' Release)
  apt_get_file "${archive}dists/trixie/main/source/Sources.xz" Sources.xz "SHA256:$index_hash" || die "the index of Debian 13's sources could not be fetched"
  xz -d Sources.xz
  directory=$(field_of_sources pgvector Directory <Sources)
  read -r source_hash _ source_name < <(field_of_sources pgvector Checksums-Sha256 <Sources | grep '\.orig\.tar\.gz$')
  apt_get_file "$archive$directory/$source_name" source.tar.gz "SHA256:$source_hash" || die "the source of pgvector could not be fetched"
  mkdir source
  tar -xzf source.tar.gz -C source --strip-components=1
  # As Debian builds it: for every processor of the architecture; the server compiles nothing itself.
  local arguments=(PG_CONFIG="/usr/lib/postgresql/$postgres_version/bin/pg_config" OPTFLAGS= with_llvm=no)
  make -s -C source "${arguments[@]}" >make.log 2>&1 || { tail -n 30 make.log >&2; die "pgvector could not be built"; }
  as_root make -s -C source "${arguments[@]}" install >make.log 2>&1 || { tail -n 30 make.log >&2; die "pgvector could not be installed"; }
)

install_pgvector() {
  [ -e "$postgres_control" ] && return 0
  [ "$VERSION_ID" = 12 ] || die "PostgreSQL $postgres_version is here without pgvector: install postgresql-$postgres_version-pgvector"
  say "building pgvector from Debian 13's source package for PostgreSQL $postgres_version"
  build_pgvector
}
