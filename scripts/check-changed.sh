#!/usr/bin/env bash
# Checks formatting, and runs clippy on the crates that differ from the last commit (staged, unstaged or new files).
#
#   scripts/check-changed.sh             formatting and clippy
#   scripts/check-changed.sh --clippy    clippy alone
#   scripts/check-changed.sh --list      names the crates, and runs nothing
#
# Set BASE to compare with another commit, such as BASE=origin/main.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-all}
case $mode in
all | --clippy | --list) ;;
*)
    echo "usage: scripts/check-changed.sh [--clippy | --list]" >&2
    exit 2
    ;;
esac

# The nearest folder above a file that holds a manifest with a package's name.
crate_of() {
    local folder=$1
    while folder=$(dirname "$folder") && [ "$folder" != "." ]; do
        if [ -f "$folder/Cargo.toml" ]; then
            sed -n 's/^name = "\(.*\)"$/\1/p' "$folder/Cargo.toml" | head -n 1
            return
        fi
    done
}

changed() {
    git diff --name-only --no-renames "${BASE:-HEAD}"
    git ls-files --others --exclude-standard
}

workspace=false
crates=()
while IFS= read -r file; do
    case $file in
    Cargo.toml | Cargo.lock | clippy.toml | rust-toolchain.toml | .cargo/*) workspace=true ;;
    fuzz/*) ;; # a workspace of its own, for the nightly compiler
    migrations/*) crates+=(claviger-store) ;; # embedded in the store
    app/*) crates+=(claviger-app claviger) ;; # the server turns on the app's feature `ssr`
    *)
        crate=$(crate_of "$file")
        [ -z "$crate" ] || crates+=("$crate")
        ;;
    esac
done < <(changed)

packages=()
if $workspace; then
    packages=(--workspace)
elif [ ${#crates[@]} -gt 0 ]; then
    while IFS= read -r crate; do packages+=(--package "$crate"); done < <(printf '%s\n' "${crates[@]}" | sort -u)
fi

if [ "$mode" = --list ]; then
    [ ${#packages[@]} -eq 0 ] || echo "${packages[@]}"
    exit 0
fi
if [ "$mode" = all ]; then
    cargo fmt --all --check
fi
if [ ${#packages[@]} -eq 0 ]; then
    echo "No Rust crate has changed."
    exit 0
fi
exec cargo clippy --quiet --locked --all-targets "${packages[@]}" -- -D warnings
