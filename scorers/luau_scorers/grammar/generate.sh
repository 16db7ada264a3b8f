#!/bin/sh
# Makes src/parser.c of grammar.js, or DIRECTORY/parser.c:  generate.sh [DIRECTORY]
# Needs the tree-sitter command line tool, version 0.26, and Node.js.
set -eu
out=$(cd "${1:-$(dirname "$0")/src}" && pwd)
cd "$(dirname "$0")" # where it finds tree-sitter.json
tree-sitter generate --output "$out" grammar.js
rm "$out/grammar.json" "$out/node-types.json"
