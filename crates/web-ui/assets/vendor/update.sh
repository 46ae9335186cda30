#!/bin/sh
# Rebuilds the files of this folder, byte for byte, from the pinned npm packages.
# Needs npm, tar, GNU gzip and sha256sum. README.md says how to move to a new version.
set -eu

swagger_ui_version=5.35.0
swagger_ui_sha256=1b8e891893404ea4c3558b6a87e2a3e494e7eedba41168c2ece5800a391a6ea6
redoc_version=2.5.4
redoc_sha256=44922df4d0eb45c1b066c09ec251e6bd9bd7ded16bc69e87613337b9d911a56e

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# unpack NAME VERSION SHA256: downloads, checks and unpacks a package into $work/NAME.
unpack() {
    (cd "$work" && npm pack --silent --ignore-scripts "$1@$2" >/dev/null)
    echo "$3  $work/$1-$2.tgz" | sha256sum --check --quiet -
    mkdir "$work/$1"
    tar -xzf "$work/$1-$2.tgz" -C "$work/$1" --strip-components=1
}

# pack TARGET: compresses without name and time, so that the same input gives the same file.
pack() {
    gzip -9 -n >"$here/$1.gz"
}

mkdir -p "$here/swagger-ui" "$here/redoc"

unpack swagger-ui-dist "$swagger_ui_version" "$swagger_ui_sha256"
from=$work/swagger-ui-dist
pack swagger-ui/swagger-ui-bundle.js <"$from/swagger-ui-bundle.js"
pack swagger-ui/swagger-ui.css <"$from/swagger-ui.css"
cp "$from/LICENSE" "$from/NOTICE" "$from/swagger-ui-bundle.js.LICENSE.txt" "$here/swagger-ui/"

unpack redoc "$redoc_version" "$redoc_sha256"
from=$work/redoc
bundle=$from/bundles/redoc.standalone.js
# Redoc's menu shows a logo from its maker's server, which would learn of every reader. An empty
# image takes its place, which Redoc hides; the text link beside it stays.
logo='https://cdn\.redoc\.ly/redoc/logo-mini\.svg'
if [ "$(grep -o "$logo" "$bundle" | wc -l)" -ne 1 ]; then
    echo "redoc: the logo is not where it was; look again" >&2
    exit 1
fi
sed "s|$logo|data:,|" "$bundle" | pack redoc/redoc.standalone.js
cp "$from/LICENSE" "$bundle.LICENSE.txt" "$here/redoc/"
