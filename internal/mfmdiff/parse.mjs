// Reads texts, one JSON string a line, and writes what mfm.js makes of each: a line
// with the trees of parse, of parseSimple and of parse with a small nest limit, and
// the text that toString makes of the first.
import { createInterface } from 'node:readline';
import * as mfm from 'mfm-js';

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
	const text = JSON.parse(line);
	const tree = mfm.parse(text);
	const result = JSON.stringify([tree, mfm.parseSimple(text), mfm.parse(text, { nestLimit: 3 }), mfm.toString(tree)]);
	if (!process.stdout.write(result + '\n')) await new Promise(resolve => process.stdout.once('drain', resolve));
}
