// The same as client.go with misskey-js.
import { createInterface } from 'node:readline';
import { Stream } from 'misskey-js';
import WebSocket from 'ws';

const url = process.env.STREAMBENCH_URL;
const task = process.env.STREAMBENCH_TASK;
const count = Number(process.env.STREAMBENCH_COUNT);
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function pause(line) {
	for (let i = 0; i < 3; i++) {
		global.gc();
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	console.log(line);
	await input.next();
}

function connect(notes) {
	const stream = new Stream(url, { token: 'token' }, { WebSocket });
	return [stream, stream.useChannel('homeTimeline', { notes })];
}

await pause('');
if (task === 'notes') {
	let start = 0, taken = 0, bytes = 0;
	await new Promise((resolve) => {
		const [, channel] = connect(count);
		channel.on('note', (note) => {
			if (taken === 0) start = performance.now();
			taken++;
			bytes += note.text?.length ?? 0;
			if (taken === count) resolve();
		});
	});
	await pause(`${(performance.now() - start) / 1000}`);
} else {
	const all = [];
	for (let i = 0; i < count; i++) {
		all.push(connect(0));
	}
	await Promise.all(all.map(([stream]) => new Promise((resolve) => {
		if (stream.state === 'connected') resolve();
		else stream.on('_connected_', resolve);
	})));
	await pause('');
}
process.exit(0);
