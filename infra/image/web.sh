#!/bin/sh
# The image's stage "web": the browser's files, each with its brotli form beside it.
#
#   infra/image/web.sh OUT
#
# Runs in the source folder. The Dockerfile and `cargo xtask image` call this same script.
set -eu

out=$1

cargo xtask web

mkdir -p "$out"
cp -R target/site "$out/site"
# What the build keeps to itself.
rm -f "$out/site/stamp"
