#!/bin/sh
# Writes today's digests of the bases' tags into the Dockerfiles and the Compose file. Needs `docker buildx` or `skopeo`, and the
# registries.
set -eu

cd "$(dirname "$0")/../.."

digest() {
    if command -v skopeo > /dev/null; then
        skopeo inspect --no-tags --format '{{.Digest}}' "docker://$1"
    else
        docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$1"
    fi
}

for file in Dockerfile infra/compose/demo.Dockerfile infra/compose/compose.yaml; do
    # Each reference with a tag: REGISTRY/PATH:TAG, with or without a digest.
    for image in $(grep -Eo '(docker\.io|gcr\.io)/[a-z0-9./-]+:[A-Za-z0-9._-]+' "$file" | sort -u); do
        now=$(digest "$image")
        case $now in
            sha256:*) ;;
            *)
                echo "infra/image/pin.sh: the registry names no digest of $image" >&2
                exit 1
                ;;
        esac
        sed -i -E "s#${image}(@sha256:[0-9a-f]{64})?#${image}@${now}#" "$file"
        echo "$image $now"
    done
done
