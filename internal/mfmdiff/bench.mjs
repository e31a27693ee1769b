// Reads a list of texts and writes how many nanoseconds mfm.js takes to parse one.
import { readFileSync } from 'node:fs';
import { parse } from 'mfm-js';

const texts = JSON.parse(readFileSync(0, 'utf8'));
const run = milliseconds => {
	const start = performance.now();
	let rounds = 0;
	while (performance.now() - start < milliseconds) {
		for (const text of texts) parse(text);
		rounds++;
	}
	return (performance.now() - start) * 1e6 / (rounds * texts.length);
};
run(2000); // until it is compiled
console.log(run(2000));
