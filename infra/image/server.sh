#!/bin/sh
# The image's stage "server": both programs, their completions and man pages, and the bill of materials.
#
#   infra/image/server.sh OUT
#
# PROFILE is Cargo's profile; the delivered image has the default. PROGRAMS is a folder with both programs, if they are built
# already.
# Runs in the source folder. The Dockerfile, `cargo xtask image` and `cargo xtask release` call this same script.
set -eu

out=$1
profile=${PROFILE:-release}
# The profile "dev" has a folder of another name.
programs=${PROGRAMS:-${CARGO_TARGET_DIR:-target}/$(echo "$profile" | sed 's/^dev$/debug/')}

if [ -z "${PROGRAMS:-}" ]; then
    cargo build --profile "$profile" --locked --package claviger --package claviger-cli --bins
fi

mkdir -p "$out/bin" "$out/man" "$out/completions"
for program in claviger clv; do
    install -m 755 "$programs/$program" "$out/bin/$program"
    "$out/bin/$program" man "$out/man"
    for shell in bash zsh fish; do
        "$out/bin/$program" completions "$shell" > "$out/completions/$program.$shell"
    done
done

cargo xtask release --sbom "$out/claviger.cdx.json"
