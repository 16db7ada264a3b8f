#!/usr/bin/env bash
# Puts what the tests need to drive a real VS Code into the user's cache: code-server (VS Code served to a browser) and
# playwright-core. Takes a minute or two, once; needs Node.js 20 with its headers, npm, a C++ compiler and ripgrep.
#
# code-server's own install script fetches prebuilt binaries from elsewhere than npm, so it is not run: what is native
# is compiled here, and what is not used (kerberos, password hashing where it fails to build) is left out.
set -euo pipefail

VERSIONS="code-server@4.100.3 playwright-core@1.65.1"
TARGET=${XDG_CACHE_HOME:-$HOME/.cache}/luau-lsp-ai/code-server
[ "$(cat "$TARGET/ready" 2>/dev/null)" = "$VERSIONS" ] && exit 0

WORK=$TARGET.$$
trap 'rm -rf "$WORK"' EXIT
mkdir -p "$WORK"
cd "$WORK"
export npm_config_fund=false npm_config_audit=false npm_config_loglevel=error npm_config_yes=true
HEADERS=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
[ -e "$HEADERS/include/node/node.h" ] && export npm_config_nodedir=$HEADERS

echo '{"private": true}' > package.json
# shellcheck disable=SC2086  # two words
npm install --ignore-scripts --omit=dev $VERSIONS
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
echo "$VERSIONS" > "$WORK/ready"
rm -rf "$TARGET"
mv "$WORK" "$TARGET"
