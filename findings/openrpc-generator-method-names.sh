#!/usr/bin/env bash
# The client that @open-rpc/generator makes is a syntax error where a method has a slash in its name, and where it is rpc.discover.
#
# Versions:  @open-rpc/generator 1.22.3, typescript 5.9.3 (npm), Node 20.
# Guess:     method names with separators, as the protocol of language servers and OpenRPC's own rpc.discover have them, become
#            identifiers in the client, as its type names do (jobStatus or job_status).
# Seen:      the alias of the type is made an identifier (JobStatus), the member of the class is the name as it stands:
#            "public job/status". It says "Done!" and ends with 0 all the same. A method whose name is an identifier works.
# So:        a server whose methods have namespaces cannot be reached with this generator; its type definitions alone
#            (@open-rpc/typings) can be used.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @open-rpc/generator@1.22.3 typescript@5.9.3

cat >syntax.cjs <<'JS'
const ts = require('typescript');
const source = require('node:fs').readFileSync(process.argv[2], 'utf8');
const { diagnostics } = ts.transpileModule(source, { reportDiagnostics: true });
process.stdout.write(diagnostics.length === 0 ? 'parses' : 'is a syntax error');
JS
for name in jobStatus job/status job.status rpc.discover; do
  cat >openrpc.json <<JSON
{ "openrpc": "1.3.2", "info": { "title": "x", "version": "1" },
  "methods": [{ "name": "$name", "params": [], "result": { "name": "result", "schema": { "title": "Status", "type": "string" } } }] }
JSON
  cat >config.json <<'JSON'
{ "openrpcDocument": "./openrpc.json", "outDir": "./out",
  "components": [{ "type": "client", "name": "x", "language": "typescript" }] }
JSON
  rm -rf out
  timeout 120 npx open-rpc-generator generate -c config.json >log 2>&1 || { cat log; exit 1; }
  member=$(grep -oE 'public [^ ]+: JobStatus|public [^ ]+: RpcDiscover' out/client/typescript/src/index.ts | head -1)
  echo "$name: $member, which $(node syntax.cjs out/client/typescript/src/index.ts)"
done >seen
cat seen
diff - seen <<'TEXT'
jobStatus: public jobStatus: JobStatus, which parses
job/status: public job/status: JobStatus, which is a syntax error
job.status: public job.status: JobStatus, which is a syntax error
rpc.discover: public rpc.discover: RpcDiscover, which is a syntax error
TEXT
