// RFC 8785 by the engine it was written for: one JSON value per line in, its canonical form per line out.
// Lines that start with "#" carry the bits of a double in hexadecimal and answer its Number::toString.
'use strict';

function canonical(value) {
  if (Array.isArray(value)) return '[' + value.map(canonical).join(',') + ']';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  // Array.prototype.sort without a comparer compares UTF-16 code units.
  return '{' + Object.keys(value).sort().map((key) => JSON.stringify(key) + ':' + canonical(value[key])).join(',') + '}';
}

const answers = require('fs').readFileSync(0, 'utf8').split('\n').filter((line) => line !== '').map((line) =>
  line[0] === '#' ? String(Buffer.from(line.slice(1), 'hex').readDoubleBE(0)) : canonical(JSON.parse(line)));
process.stdout.write(answers.join('\n') + '\n');
