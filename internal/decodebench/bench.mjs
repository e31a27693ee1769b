// What V8 takes for the same bytes as bench.go.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [dir, count, batchBytes] = process.argv.slice(2);
const subjects = [];
for (let i = 0; i < Number(count); i++) {
	const file = readFileSync(`${dir}/${i}`);
	const docs = [];
	for (let start = 0; start < file.length;) {
		let end = file.indexOf(10, start);
		if (end < 0) end = file.length;
		docs.push(new Uint8Array(file.subarray(start, end)));
		start = end + 1;
	}
	subjects.push({ docs, rounds: Math.max(1, Math.floor(batchBytes / file.length)) });
}
const decoder = new TextDecoder();
let kept;
for await (const line of createInterface({ input: process.stdin })) {
	const [n, each] = line.split(' ').map(Number);
	const { docs, rounds } = subjects[n];
	let best = Infinity;
	for (const begin = performance.now(); performance.now() - begin < each;) {
		const start = performance.now();
		for (let i = 0; i < rounds; i++) {
			for (const doc of docs) kept = JSON.parse(decoder.decode(doc));
		}
		best = Math.min(best, (performance.now() - start) / rounds / docs.length);
	}
	console.log(best);
}
