#!/usr/bin/env bash
# install.sh DIR: put what the tests need to drive a real VS Code into DIR: code-server (VS Code served to a browser)
# and playwright-core. Takes a minute; needs Node.js 20 with its headers, npm, a C++ compiler and ripgrep.
#
# code-server's own install script fetches prebuilt binaries from elsewhere than npm, so it is not run: what is native
# is compiled here, and what is not used (kerberos, password hashing where it fails to build) is left out.
set -euo pipefail

VERSION=4.100.3
PLAYWRIGHT=1.65.1
TARGET=$1
[ -e "$TARGET/ready" ] && exit 0

WORK=$TARGET.$$
trap 'rm -rf "$WORK"' EXIT
mkdir -p "$WORK"
cd "$WORK"
export npm_config_fund=false npm_config_audit=false npm_config_loglevel=error npm_config_yes=true
HEADERS=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
[ -e "$HEADERS/include/node/node.h" ] && export npm_config_nodedir=$HEADERS

echo '{"private": true}' > package.json
npm install --ignore-scripts --omit=dev "code-server@$VERSION" "playwright-core@$PLAYWRIGHT"
npm rebuild argon2 --build-from-source || true
cd node_modules/code-server/lib/vscode
npm install --ignore-scripts --omit=dev
for native in node-pty @vscode/spdlog native-watchdog @parcel/watcher; do
    [ ! -d "node_modules/$native" ] || npm rebuild "$native"
done
(cd extensions && npm install --ignore-scripts --omit=dev)
ln -s node_modules node_modules.asar
mkdir -p node_modules/@vscode/ripgrep/bin
ln -sf "$(command -v rg)" node_modules/@vscode/ripgrep/bin/rg

cd /
touch "$WORK/ready"
rm -rf "$TARGET"
mv "$WORK" "$TARGET"
