// Usage: node drive.mjs ORIGIN ALICE BOB
//
// ALICE and BOB are own tokens of two accounts that know nothing of each other.
// It ends with 0 when all is as misskey-js expects, and tells what is not.
import assert from 'node:assert/strict';
import { Stream, api } from 'misskey-js';
import WebSocket from 'ws';

const [origin, aliceToken, bobToken] = process.argv.slice(2);
const alice = new api.APIClient({ origin, credential: aliceToken });
const bob = new api.APIClient({ origin, credential: bobToken });

const patience = 10_000; // ms that an effect may take

// within is a promise, or an error when it takes too long.
function within(what, promise) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Error(`${what}: not within ${patience} ms`)), patience);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// eventually waits until something is so.
async function eventually(what, is) {
	for (const end = Date.now() + patience; Date.now() < end;) {
		if (await is()) return;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	assert.fail(`${what}: not within ${patience} ms`);
}

// event is the next event of a channel or a stream that is wanted.
function event(emitter, type, wanted = () => true) {
	return within(`the event ${type}`, new Promise((resolve) => {
		emitter.on(type, function listen(body) {
			if (!wanted(body)) return;
			emitter.off(type, listen);
			resolve(body);
		});
	}));
}

// refused is the error that a call is refused with.
async function refused(call, code, id) {
	const error = await call.then(() => assert.fail(`${code} does not come`), (error) => error);
	assert.ok(api.isAPIError(error), `${code}: ${error}`);
	assert.equal(error.code, code);
	if (id) assert.equal(error.id, id);
	return error;
}

const streams = [];
function stream(token) {
	const s = new Stream(origin, { token }, { WebSocket });
	streams.push(s);
	return s;
}

const steps = {
	async 'accounts'() {
		const me = await alice.request('i');
		assert.equal(typeof me.id, 'string');
		const meta = await new api.APIClient({ origin }).request('meta', { detail: true });
		assert.equal(typeof meta.version, 'string');
		assert.equal(typeof meta.features.miauth, 'boolean');
	},

	async 'follow'() {
		const { id } = await alice.request('i');
		const main = stream(aliceToken).useChannel('main');
		await within('the stream', new Promise((resolve) => main.stream.on('_connected_', resolve)));
		const followed = event(main, 'followed');
		await bob.request('following/create', { userId: id });
		assert.equal((await followed).id, (await bob.request('i')).id);
		const [relation] = await bob.request('users/relation', { userId: [id] });
		assert.equal(relation.isFollowing, true);
		await refused(bob.request('following/create', { userId: id }), 'ALREADY_FOLLOWING', '35387507-38c7-4cb9-9197-300b93783fa0');
	},

	async 'post, stream and timeline'() {
		const home = stream(bobToken).useChannel('homeTimeline', { withRenotes: true });
		await within('the stream', new Promise((resolve) => home.stream.on('_connected_', resolve)));
		let note;
		await eventually('a note on the stream', async () => { // until the follow is known everywhere
			const came = new Promise((resolve) => home.once('note', resolve));
			note = (await alice.request('notes/create', { text: 'hello from misskey-js' })).createdNote;
			const first = await Promise.race([came, new Promise((resolve) => setTimeout(resolve, 2000, null))]);
			return first?.id === note.id;
		});
		await eventually('the note on the timeline', async () => {
			const notes = await bob.request('notes/timeline', { limit: 10 });
			return notes.some((n) => n.id === note.id && n.text === 'hello from misskey-js');
		});
	},

	async 'react, vote and capture'() {
		const { createdNote: note } = await alice.request('notes/create', { text: 'tea?', poll: { choices: ['yes', 'no'] } });
		const s = stream(aliceToken);
		await within('the stream', new Promise((resolve) => s.on('_connected_', resolve)));
		s.send('sr', { id: note.id });
		await new Promise((resolve) => setTimeout(resolve, 1000)); // nobody confirms a capture
		const of = (type) => event(s, 'noteUpdated', (u) => u.id === note.id && u.type === type);

		let update = of('reacted');
		await bob.request('notes/reactions/create', { noteId: note.id, reaction: '👍' });
		assert.equal((await update).body.reaction, '👍');
		await refused(bob.request('notes/reactions/create', { noteId: note.id, reaction: '👍' }), 'ALREADY_REACTED', '71efcf98-86d6-4e2b-b2ad-9d032369366b');

		update = of('pollVoted');
		await bob.request('notes/polls/vote', { noteId: note.id, choice: 1 });
		assert.equal((await update).body.choice, 1);
		await eventually('the vote', async () => {
			const shown = await bob.request('notes/show', { noteId: note.id });
			return shown.poll.choices[1].votes === 1 && shown.poll.choices[1].isVoted && shown.myReaction === '👍';
		});

		update = of('unreacted');
		await bob.request('notes/reactions/delete', { noteId: note.id });
		await update;
		update = of('deleted');
		await alice.request('notes/delete', { noteId: note.id });
		await update;
	},

	async 'upload with the file first'() {
		const content = `content of ${Date.now()} ${Math.random()}`;
		const file = await alice.request('drive/files/create', {
			file: new File([content], 'a.txt', { type: 'text/plain' }),
			name: 'b.txt',
			comment: 'words',
			isSensitive: true,
		});
		assert.equal(file.type, 'text/plain');
		assert.equal(file.size, content.length);
		assert.equal(file.name, 'b.txt');
		assert.equal(file.comment, 'words');
		assert.equal(file.isSensitive, true);
		assert.equal(await (await fetch(file.url)).text(), content);
		const { createdNote: note } = await alice.request('notes/create', { fileIds: [file.id] });
		assert.equal(note.files[0].id, file.id);
	},

	async 'errors'() {
		await refused(alice.request('notes/show', { noteId: '0' }), 'NO_SUCH_NOTE', '24fcbfc6-2e37-42b6-8388-c29b3861a08d');
		const invalid = await refused(alice.request('notes/timeline', { limit: 0 }), 'INVALID_PARAM', '3d81ceae-475f-4600-b2a8-2bc116157532');
		assert.equal(invalid.info.param, '#/properties/limit/minimum');
		await refused(new api.APIClient({ origin }).request('i'), 'CREDENTIAL_REQUIRED', '1384574d-a912-4b81-8601-c7b1c4085df1');
		await refused(alice.request('i', {}, 'wrong'), 'AUTHENTICATION_FAILED', 'b0a7f5f8-dc2f-4171-b91f-de88ad238e14');
	},
};

let failed = 0;
for (const [name, step] of Object.entries(steps)) {
	try {
		await step();
		console.log(`ok   ${name}`);
	} catch (error) {
		failed++;
		console.log(`FAIL ${name}: ${error?.stack ?? JSON.stringify(error)}`);
	}
}
for (const s of streams) s.close();
process.exit(failed === 0 ? 0 : 1);
