# shellcheck shell=bash
# The steps of utils/check. Each prints a heading, does one thing and is counted; none stops the others, except
# that tests need a build. The caller sets $root (the repository) and $jobs (how much to do at once).
# shellcheck disable=SC2154

passed=0
failed=0
failures=()

heading() { printf '\n== %s (%ds)\n' "$1" "$SECONDS"; }

# step NAME COMMAND...: runs it and counts it.
step() {
  local name=$1
  shift
  heading "$name"
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    failures+=("$name")
    return 1
  fi
}

finish() {
  local name
  echo
  for name in "${failures[@]}"; do echo "failed: $name"; done
  echo "$passed passed, $failed failed"
  exit $((failed > 0))
}

# The checkout may belong to another user than the one who runs this (containers).
git_here() { git -c safe.directory="$root" -C "$root" "$@"; }

# cxx_files: C++ files that git knows, or would add in folders of its own, one a line.
cxx_files() {
  { git_here ls-files -- '*.cc' '*.h'
    git_here ls-files --others --exclude-standard -- {src,include,test,redis-tests,utils}/{'*.cc','*.h'}
  } | sort -u |
    while read -r file; do [[ -f $file ]] && echo "$file"; done
}

check_format() {
  cxx_files | xargs -r -d '\n' -n 16 -P "$jobs" clang-format-14 --dry-run -Werror ||
    { echo "utils/check --fix formats these files"; return 1; }
}

fix_format() { cxx_files | xargs -r -d '\n' -n 16 -P "$jobs" clang-format-14 -i; }

build() {
  local preset=$1
  shift
  cmake --preset "$preset" >"build/$preset.configure.log" 2>&1 ||
    { cat "build/$preset.configure.log"; return 1; }
  cmake --build --preset "$preset" -j "$jobs" "$@"
}

# run_tests PRESET CTEST_ARGUMENT...: each test of ctest counts as one; its own summary stays visible.
run_tests() {
  local preset=$1 log=build/$1.ctest.log bad total
  shift
  heading "tests ($preset)"
  ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$jobs" "$@" 2>&1 | tee "$log"
  read -r bad total < <(sed -nE 's/.*, ([0-9]+) tests failed out of ([0-9]+).*/\1 \2/p' "$log") || true
  if [[ -z ${total:-} ]]; then
    failed=$((failed + 1))
    failures+=("tests ($preset): ctest gave no summary")
    return 1
  fi
  passed=$((passed + total - bad))
  failed=$((failed + bad))
  ((bad == 0)) || failures+=("tests ($preset): $(failed_tests "$log")")
  ((bad == 0))
}

failed_tests() {
  sed -nE 's/^[[:space:]]+[0-9]+ - ([^ ]+) \(.*/\1/p' "$1" | sort -u | paste -sd ' '
}

# changed_files: .cc files of the source touched since this branch left its origin (or by the last commit), with
# uncommitted changes; a header stands for the .cc file of its name.
changed_files() {
  local base file
  base=$(git_here merge-base HEAD '@{upstream}' 2>/dev/null || git_here merge-base HEAD origin/HEAD 2>/dev/null)
  if [[ -z $base || $base == "$(git_here rev-parse HEAD)" ]]; then
    base=$(git_here rev-parse -q --verify HEAD~1) || return 0
  fi
  { git_here diff --name-only "$base" -- src; git_here ls-files --others --exclude-standard -- src; } |
    sed -E 's/\.h$/.cc/' | grep '\.cc$' | sort -u |
    while read -r file; do [[ -f $file ]] && echo "$file"; done
}

# lint PRESET: clang-tidy over changed files, within a bound of time so that a large change stays checkable.
lint() {
  local files looked_at=build/lint.log result=0
  mapfile -t files < <(changed_files)
  : >"$looked_at"
  if ((${#files[@]} == 0)); then
    echo "no changed source files"
    return 0
  fi
  export lint_build=build/$1 looked_at lint_until=$((EPOCHSECONDS + ${TORC_LINT_SECONDS:-300}))
  export -f lint_one
  # shellcheck disable=SC2016  # $1 is the inner shell's
  printf '%s\n' "${files[@]}" | xargs -d '\n' -n 1 -P "$jobs" bash -c 'lint_one "$1"' lint || result=1
  echo "clang-tidy: $(wc -l <"$looked_at") of ${#files[@]} changed files looked at"
  return "$result"
}

lint_one() {
  local output result=0
  ((EPOCHSECONDS < lint_until)) || return 0
  output=$(clang-tidy-14 -p "$lint_build" --quiet --extra-arg=-Wno-unknown-warning-option \
    --extra-arg=-Wno-unused-command-line-argument "$1" 2>&1) || result=1
  grep -vE '^[0-9]+ warnings?( and [0-9]+ errors?)? generated\.$|^$' <<<"$output"
  echo "$1" >>"$looked_at"
  return "$result"
}
