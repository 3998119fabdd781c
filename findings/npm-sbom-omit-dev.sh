#!/usr/bin/env bash
# npm sbom --omit dev leaves out a production dependency that a development dependency needs as well.
#
# Versions:  npm 11.19.1, on a project with ms 2.1.3 (dependency) and debug 4.4.3 (development dependency, which needs ms).
# Guess:     the bill without development dependencies lists ms, as `npm ls --omit dev` does.
# Seen:      it lists neither ms nor debug, and no edge leads to ms, without a word on stderr and with exit code 0. Without
#            --omit it lists both; without debug in the project it lists ms.
# So:        a bill of materials of what is shipped is made without --omit, and filtered by what the lock file marks as
#            development only.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export npm_config_cache="$work/cache" npm_config_update_notifier=false npm_config_audit=false npm_config_fund=false
mkdir "$work/tool" "$work/project"
npm install --prefix "$work/tool" --ignore-scripts --no-save --silent npm@11.19.1
npm="$work/tool/node_modules/.bin/npm"
cd "$work/project"
cat >package.json <<'JSON'
{ "name": "finding", "version": "1.0.0", "private": true, "dependencies": { "ms": "2.1.3" }, "devDependencies": { "debug": "4.4.3" } }
JSON
"$npm" install --package-lock-only --ignore-scripts --silent

names() { node -e "console.log(JSON.parse(require('fs').readFileSync(0)).components.map((c) => c.name).sort().join(' ') || '(none)')"; }
whole=$("$npm" sbom --sbom-format cyclonedx --package-lock-only | names)
omitted=$("$npm" sbom --sbom-format cyclonedx --package-lock-only --omit dev | names)
listed=$("$npm" ls --package-lock-only --omit dev --parseable --all | sed -n 's|.*/node_modules/||p' | sort | tr '\n' ' ')
"$npm" uninstall --package-lock-only --silent debug
alone=$("$npm" sbom --sbom-format cyclonedx --package-lock-only --omit dev | names)

echo "npm $("$npm" --version)"
echo "sbom:                        $whole"
echo "sbom --omit dev:             $omitted"
echo "ls --omit dev:               $listed"
echo "sbom --omit dev, no debug:   $alone"
[ "$whole" = 'debug ms' ] && [ "$omitted" = '(none)' ] && [ "$listed" = 'ms ' ] && [ "$alone" = 'ms' ]
