#!/bin/sh
# The image's stage "root": what is laid over the base, held against what the base has.
#
#   infra/image/root.sh WEB SERVER ROOT
#
# WEB and SERVER are the results of the other two stages. Runs in the source folder. The Dockerfile and `cargo xtask image`
# call this same script.
set -eu

web=$1
server=$2
root=$3

fail() {
    echo "infra/image/root.sh: $*" >&2
    exit 1
}

# The base is distroless: a library beyond these is not there.
for program in claviger clv; do
    libraries=$(ldd "$server/bin/$program") || fail "$program is not a dynamically linked program"
    others=$(echo "$libraries" | awk '{ print $1 }' | grep -Ev '^(linux-vdso|libc|libm|libgcc_s)\.so|ld-linux' || true)
    [ -z "$others" ] || fail "$program needs $others, which the base does not have"
done

# Nothing is compressed while a person waits.
assets=$web/site/$(cat "$web/site/current")
[ -d "$assets" ] || fail "the folder that site/current names is missing"
for file in "$assets"/*.wasm "$assets"/*.js "$assets"/*.css "$assets"/*.svg; do
    [ -s "$file" ] || fail "$file is missing"
    [ -s "$file.br" ] || fail "$file.br is missing: the file is not precompressed"
done

# The configuration is mounted at /etc/claviger: on a read-only root nobody can make the folder later.
mkdir -p "$root/etc/claviger" "$root/usr/bin" "$root/usr/share/claviger" "$root/usr/share/doc/claviger"
install -m 755 "$server/bin/claviger" "$server/bin/clv" "$root/usr/bin/"
cp -R "$web/site" "$root/usr/share/claviger/site"
install -m 644 LICENSE "$server/claviger.cdx.json" "$root/usr/share/doc/claviger/"

# Nobody but root may write, everybody may read; the same input gives the same layer.
chmod -R u=rwX,go=rX "$root"
find "$root" -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH:-0}" {} +
