// Writes every text that the regular expression of mfm.js takes for an emoji, one a
// line. It consists of literals, classes, groups, "?" and "|", so that there is an
// end to them; and of "not followed by U+FE0E", for which the text with U+FE0E is
// written, too.
import { createRequire } from 'node:module';

const { emojiRegex } = createRequire(import.meta.resolve('mfm-js'))('@misskey-dev/emoji-data/regex');
const source = emojiRegex.source;
const notText = '(?!\\ufe0e)';
const mark = '\0';
let at = 0;

function take(text) {
	const found = source.startsWith(text, at);
	if (found) at += text.length;
	return found;
}

function alternatives() {
	const all = sequence();
	while (take('|')) all.push(...sequence());
	return all;
}

function sequence() {
	let all = [''];
	while (at < source.length && source[at] !== '|' && source[at] !== ')') {
		let next = atom();
		if (take('?')) next = [...next, ''];
		all = all.flatMap(a => next.map(b => a + b));
	}
	return all;
}

function atom() {
	if (take(notText)) return [mark];
	if (take('(?:') || take('(')) {
		if (source[at] === '?') throw new Error(`unknown: ${source.slice(at - 1, at + 20)}`);
		const all = alternatives();
		if (!take(')')) throw new Error('a group is not closed');
		return all;
	}
	if ('*+{.^$'.includes(source[at])) throw new Error(`unknown: ${source.slice(at, at + 20)}`);
	if (!take('[')) return [character()];
	const all = [];
	while (!take(']')) {
		const first = character().charCodeAt(0);
		const last = take('-') ? character().charCodeAt(0) : first;
		for (let c = first; c <= last; c++) all.push(String.fromCharCode(c));
	}
	return all;
}

function character() {
	if (take('\\u')) return String.fromCharCode(parseInt(source.slice(at, at += 4), 16));
	return source[at++];
}

const all = alternatives();
if (at !== source.length) throw new Error(`not read: ${source.slice(at)}`);
const emoji = new Set(all.map(s => s.replace(mark, '')));
emoji.delete('\ufe0f'); // is text
const start = new RegExp(`^(?:${source})`);
for (const s of emoji) {
	if (start.exec(s)?.[0] !== s) throw new Error(`${JSON.stringify(s)} is not the longest`);
}
for (const s of all.filter(s => s.endsWith(mark))) {
	const text = s.replace(mark, '\ufe0e');
	if (start.test(text)) throw new Error(`${JSON.stringify(text)} is an emoji`);
	emoji.add(text);
}
process.stdout.write([...emoji].map(s => Buffer.from(s)).sort(Buffer.compare).map(s => s + '\n').join(''));
