# Sourced by ./quickstart and ./test: the packages of Debian 12 that a piece of work needs, and build directories.
# Everything here does nothing when it has been done before.
#
# NIOBIUM_BUILD names the folder for all build directories; build/ if unset.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(realpath -m "${NIOBIUM_BUILD:-$root/build}")
mkdir -p "$build"

build_packages=(g++ meson ninja-build pkg-config antlr4 libantlr4-runtime-dev libfmt-dev nlohmann-json3-dev libcli11-dev libgmp-dev
  libasio-dev libssl-dev libsodium-dev libwslay-dev libsqlite3-dev)
test_packages=(doctest-dev python3)
format_packages=(clang-format-14)
fuzz_packages=(clang-14 libclang-rt-14-dev)
install_packages=(cmake make)

say() { printf '%s\n' "$@"; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# need_packages NAME… installs what is missing, as root or through sudo.
need_packages() {
  local missing=() name
  for name in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  command -v apt-get >/dev/null || die "this needs Debian's packages ${missing[*]}, and there is no apt-get here"
  local as_root=()
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null || die "run as root, or as root first: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing ${missing[*]}"
  local log=$build/apt.log apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get)
  # The lists may be absent or too old to be of use: fetch them only when the install does not work without.
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1 ||
    { "${apt[@]}" update >"$log" 2>&1 && "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1; } ||
    { tail -5 "$log" >&2; die "the packages could not be installed; all of apt's words are in $log"; }
}

# configure NAME OPTION… sets up the build directory $build/NAME unless it is there with these very options.
configure() {
  local directory=$build/$1 options=("${@:2}")
  if [[ -f $directory/build.ninja && $(cat "$directory/options" 2>/dev/null) == "${options[*]}" ]]; then return 0; fi
  rm -rf "$directory"
  local log=$build/$1.configure.log
  meson setup "$directory" "$root" "${options[@]}" >"$log" 2>&1 || { tail -15 "$log" >&2; die "meson setup failed, see $log"; }
  printf '%s' "${options[*]}" >"$directory/options"
}

# compile NAME [TARGET…] builds in $build/NAME; without targets everything.
compile() {
  local log=$build/$1.build.log
  ninja -C "$build/$1" "${@:2}" >"$log" 2>&1 && return 0
  # Not every failure has a line that says so; then the end of the log must do.
  { grep -E -A12 'FAILED|error:' "$log" || tail -5 "$log"; } | head -60 >&2
  die "the build failed, see $log"
}

# programs_of NAME WHAT… prints the targets in $build/NAME that these tests, or the tests of these suites, run.
programs_of() {
  compile "$1" build.ninja  # what follows reads what Meson wrote down, which is old when a meson.build has changed
  meson introspect --tests --targets "$build/$1" | python3 -c '
import json, os, sys
build, wanted = sys.argv[1], set(sys.argv[2:])
told = json.load(sys.stdin)
files = {target["id"]: target["filename"] for target in told["targets"]}
needed = {id for test in told["tests"] if wanted & {test["name"], *(suite.split(":")[-1] for suite in test["suite"])} for id in test["depends"]}
print(*sorted(os.path.relpath(file, build) for id in needed for file in files[id]), sep="\n")' "$build/$1" "${@:2}"
}

# The build without sanitizers, whose compiler the other builds share, installed as README.md tells: Meson's own choice of a libdir
# depends on whether dpkg-dev is there.
configure_plain() { configure plain "--prefix=$build/prefix" --libdir=lib -Dbuildtype=plain -Doptimization=2 -Dtests=false; }
vdlc=$build/plain/compiler/driver/vdlc
