#!/usr/bin/env bash
# Writes the diff into the summary of the job, and into the pull request's comment, which it replaces.
set -euo pipefail

against=${AGAINST:-origin/$BASE}
if [ "$against" = "origin/$BASE" ]; then
  git fetch --quiet --no-tags --depth=1 origin "+refs/heads/$BASE:refs/remotes/origin/$BASE"
fi

# Names of files have no blanks here; a star stands for none.
set -f
read -r -d '' -a files <<<"$FILES" || true
arguments=(policy diff --against "$against" --format markdown)
if [ -n "$INVENTORY" ]; then
  arguments+=(--inventory "$INVENTORY")
fi

mark='<!-- claviger policy diff -->'
body=$(mktemp)
{
  printf '%s\n' "$mark"
  "$CLAVIGER" "${arguments[@]}" -- "${files[@]}"
} >"$body"
cat "$body" >>"$GITHUB_STEP_SUMMARY"

if [ -z "${NUMBER:-}" ]; then
  exit 0
fi
comments="repos/$REPOSITORY/issues/$NUMBER/comments"
# Anybody can write a comment that begins with the mark: the token's own is that of a bot.
own=$(gh api --paginate "$comments" \
  --jq ".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$mark\"))) | .id") || own=
own=${own%%$'\n'*}
# A pull request from a fork has a token that may only read: the summary stays.
if [ -n "$own" ]; then
  gh api --silent --method PATCH "repos/$REPOSITORY/issues/comments/$own" --field "body=@$body" ||
    echo "::notice::The comment cannot be written: see the summary of the job."
else
  gh api --silent --method POST "$comments" --field "body=@$body" ||
    echo "::notice::The comment cannot be written: see the summary of the job."
fi
