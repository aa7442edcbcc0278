#!/bin/sh
# Every check and test there is; the last line counts them: "N passed, N failed", and ", N skipped" where any
# was. `./test --unit` runs the quick part, without containers and clusters.
set -u
cd "$(dirname "$0")" || exit 1
[ -e package.json ] || cd .. || exit 1
. scripts/setup.sh

scope=all
case "${1:-}" in
  '') ;;
  --unit) scope=unit ;;
  *) fail "unknown argument $1" 'usage: ./test [--unit]' ;;
esac

passed=0 failed=0 skipped=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# One check that is one test: its output is shown only where it fails.
check() {
  name=$1
  shift
  began=$(date +%s)
  if "$@" >"$scratch/output" 2>&1 </dev/null; then
    passed=$((passed + 1))
    printf 'ok      %s (%s s)\n' "$name" "$(($(date +%s) - began))"
  else
    failed=$((failed + 1))
    printf 'FAILED  %s: %s\n' "$name" "$*"
    sed 's/^/        /' "$scratch/output"
  fi
}

# Tests, counted one by one by test/rig/tally.ts.
tests() {
  : >"$scratch/tally"
  status=0
  KUBEWRIGHT_TALLY="$scratch/tally" vitest run "$@" </dev/null || status=$?
  counted=0
  while read -r good bad without; do
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + without))
    counted=$((counted + bad))
  done <"$scratch/tally"
  # Whatever else went wrong (vitest itself, no test found) must not pass for success.
  if [ "$status" != 0 ] && [ "$counted" = 0 ]; then
    failed=$((failed + 1))
    printf 'FAILED  vitest run %s: exit %s\n' "$*" "$status"
  fi
}

need_node
need_npm_packages
need_system_packages test || say "Going on without them: tests that need one are skipped and say so"
use_new_enough_go

say 'Checks'
check 'lint and format' biome ci --colors=off --error-on-warnings .
check 'types' tsc --noEmit
check 'generated files are up to date' npm run --silent generate -- --check
check 'nothing unused' knip --no-progress
check 'build' npm run --silent build
say 'Unit tests and stories'
tests --project unit --project stories
if [ "$scope" = all ]; then
  say 'Tests with containers and real clusters'
  # Tests that need the engine skip themselves and say so.
  need_engine || say "No container engine: $engine_problem"
  tests --project docker --project e2e
fi

summary="$passed passed, $failed failed"
[ "$skipped" = 0 ] || summary="$summary, $skipped skipped"
printf '\n%s\n' "$summary"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
