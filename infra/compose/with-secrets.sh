#!/bin/sh
# Sets NAME to the content of the file below /run/secrets that NAME_FILE names, for each such variable, and runs a program.
set -eu

for name in $(env | sed -n 's/^\([A-Z_]*\)_FILE=.*/\1/p'); do
    file=$(printenv "${name}_FILE")
    case $file in
        /run/secrets/*)
            value=$(cat "$file")
            export "$name=$value"
            unset "${name}_FILE"
            ;;
    esac
done

exec "$@"
