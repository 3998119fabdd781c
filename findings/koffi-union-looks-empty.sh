#!/usr/bin/env bash
# A union that koffi decodes looks empty: to JSON, spreading and deep comparison all unions of one type are the same.
#
# Versions:  koffi 3.3.4 (npm), Node 20.
# Guess:     a decoded union is an object with a property for each member, all from the same bytes, so that it can be printed,
#            compared and copied like a struct. new koffi.Union() is the same kind of object: write one member, read another.
# Seen:      the members are getters of the class. console.log and JSON show {}, { ...union } has no member, and for
#            assert.deepStrictEqual a struct with 2 in its union equals one with 9, as long as nobody has read a member; after
#            that the same two differ by which member was read last, not by value. What is encoded again is right, but a
#            spread copy cannot be encoded. A union made by new koffi.Union() throws when another member is read than was
#            written: for that it has to be encoded and decoded.
# So:        code turns a union into a value at once, by the tag beside it (the vt of a VARIANT), and compares and logs that.
#            A test that compares whole decoded structs proves nothing of their unions.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund koffi@3.3.4

cat >try.cjs <<'JS'
const assert = require('node:assert');
const { inspect } = require('node:util');
const koffi = require('koffi');
const Value = koffi.union('Value', { integer: 'int32_t', real: 'double' });
const Tagged = koffi.struct('Tagged', { tag: 'int32_t', value: Value });
const decoded = (type, value) => {
  const memory = koffi.alloc(type, 1);
  koffi.encode(memory, type, value);
  return koffi.decode(memory, type);
};
const thrown = (body) => {
  try {
    body();
    return 'nothing';
  } catch (error) {
    return error.constructor.name;
  }
};
const two = () => decoded(Tagged, { tag: 5, value: { real: 2 } });
const nine = () => decoded(Tagged, { tag: 5, value: { real: 9 } });
const read = (tagged, member) => {
  void tagged.value[member];
  return tagged;
};
const own = new koffi.Union(Value);
own.real = 2;
const seen = {
  'a member': two().value.real,
  JSON: JSON.stringify(two()),
  shown: inspect(two().value).includes('2'),
  'keys of a spread copy': Object.keys({ ...two().value }).join(),
  '2 and 9, nothing read: comparison throws': thrown(() => assert.deepStrictEqual(two(), nine())),
  '2 and 2, other members read: comparison throws': thrown(() => assert.deepStrictEqual(read(two(), 'real'), read(two(), 'integer'))),
  'encoded again': decoded(Tagged, read(two(), 'integer')).value.real,
  'spread copy encoded: throws': thrown(() => decoded(Value, { ...two().value })),
  'new Union, other member: throws': thrown(() => own.integer),
  'new Union, encoded and decoded': decoded(Value, own).integer,
};
console.log(seen);
assert.deepStrictEqual(seen, {
  'a member': 2,
  JSON: '{"tag":5,"value":{}}',
  shown: false,
  'keys of a spread copy': '',
  '2 and 9, nothing read: comparison throws': 'nothing',
  '2 and 2, other members read: comparison throws': 'AssertionError',
  'encoded again': 2,
  'spread copy encoded: throws': 'Error',
  'new Union, other member: throws': 'Error',
  'new Union, encoded and decoded': 0,
});
JS
node try.cjs
