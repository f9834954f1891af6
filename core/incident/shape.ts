import * as Y from 'yjs';
import { isUlid, isUuid } from '../ids.ts';
import { evidenceOf, findingKinds, isCause, isCauseKey } from '../retro/flags.ts';
import { isInstant } from '../time.ts';
import { isSafeLink, referenced } from './notes.ts';

/** What one item of a document holds, as far as its place cares. */
export type Content =
	| { readonly kind: 'text' | 'embed' | 'deleted' }
	/** Numbers, texts, booleans and null as they are; `undefined` stands for anything else. */
	| { readonly kind: 'values'; readonly values: readonly unknown[] }
	| { readonly kind: 'mark'; readonly name: string; readonly value: unknown }
	| { readonly kind: 'type'; readonly type: 'map' | 'text' | 'richText' }
	| { readonly kind: 'type'; readonly type: 'node'; readonly name: string }
	| { readonly kind: 'type'; readonly type: 'other' };

/** What people may write into a shared type: under its keys and in its list. What is not said is not allowed. */
export interface Shape {
	readonly under?: (key: string, content: Content) => boolean;
	readonly list?: (content: Content) => boolean;
}

type Check = (value: unknown) => boolean;

const isFlag: Check = (value) => typeof value === 'boolean';
const isWord: Check = (value) => typeof value === 'string' && value !== '' && value.length <= 64;
const isShort: Check = (value) => typeof value === 'string' && value.length <= 1_000;
const isOrder: Check = (value) => typeof value === 'string' && /^[0-9A-Za-z]{1,1000}$/.test(value);
const isLevel: Check = (value) => [1, 2, 3, 4, 5, 6].includes(value as number);
const isNull: Check = (value) => value === null;
const isPerson: Check = (value) => typeof value === 'string' && isUuid(value);

/** A text that is typed in, without marks. */
const text: Shape = { list: ({ kind }) => kind === 'text' || kind === 'deleted' };
/** A field that holds such a text. */
const textField = Symbol('text');

const entry = fields({
	kind: isWord,
	occurredAt: isInstant,
	endedAt: isInstant,
	approximate: isFlag,
	actors: isShort,
	text: textField,
	starred: isFlag,
	struck: isFlag,
});

const task = fields({
	title: textField,
	assignee: oneOf(isNull, isPerson),
	done: isFlag,
	due: oneOf(isNull, isInstant),
	order: isOrder,
});

/** What the editor writes for a mark that is on (its attributes) and where it ends. */
const isSwitch: Check = (value) => value === null || value === true || hasKeys(value, []);
const marks: ReadonlyMap<string, Check> = new Map(
	Object.entries({
		bold: isSwitch,
		italic: isSwitch,
		strike: isSwitch,
		code: isSwitch,
		underline: isSwitch,
		link: oneOf(isNull, isLink),
	}),
);

const richText: Shape = {
	list: (content) => {
		if (content.kind === 'mark') return marks.get(content.name)?.(content.value) ?? false;
		return content.kind === 'text' || content.kind === 'deleted';
	},
};

/** The editor arranges nodes by its own rules, and merging arranges them anew: only their names are known here. */
const nodeNames = [
	...['paragraph', 'heading', 'codeBlock', 'blockquote', 'bulletList', 'orderedList'],
	...['listItem', 'horizontalRule', 'hardBreak'],
];
const notes: Shape = { list: (content) => content.kind === 'deleted' || isNode(content) };
const inside: Shape = {
	list: (content) => content.kind === 'deleted' || isNode(content) || isRichText(content),
};

/** Stands between paragraphs only. */
const referenceName = 'reference';
const report: Shape = {
	list: (content) => content.kind === 'deleted' || isNode(content) || isReference(content),
};

const nodes: ReadonlyMap<string, Shape> = new Map([
	...nodeNames.map((name) => [name, inside] as const),
	['heading', { ...inside, ...fields({ level: isLevel }) }],
	['horizontalRule', {}],
	['hardBreak', {}],
	[referenceName, fields({ of: (value) => referenced.some((name) => name === value) })],
]);

const entries: Shape = { under: (key, content) => isUlid(key) && isMap(content) };
const tasks: Shape = {
	under: (key, content) => isUlid(key) && (isMap(content) || content.kind === 'deleted'),
};

const findings: Shape = {
	under: (key, content) => isUlid(key) && (isMap(content) || content.kind === 'deleted'),
};
const findingFields = fields({
	kind: (value) => findingKinds.some((kind) => kind === value),
	text: textField,
	order: isOrder,
});
/** Each cause and each piece of evidence has a key of its own: two people who add one each both have it. */
const finding: Shape = {
	under: (key, content) => {
		const check = isCauseKey(key) ? isCause : evidenceOf(key) ? isFlag : null;
		if (check === null) return findingFields.under?.(key, content) ?? false;
		if (content.kind === 'deleted') return true;
		return content.kind === 'values' && content.values.every(check);
	},
};

const rootShapes: ReadonlyMap<string, Shape> = new Map(
	Object.entries({
		...{ entries, tasks, impact: text, theory: text, notes },
		...{ report, findings, record: {} },
	}),
);
const nothing: Shape = {};

/** What people may write into the maps that stand in a root. */
const insideRoot: ReadonlyMap<Shape, Shape> = new Map([
	[entries, entry],
	[tasks, task],
	[findings, finding],
]);

/** What people may write into a root. */
export function shapeOfRoot(name: string): Shape {
	return rootShapes.get(name) ?? nothing;
}

/** What people may write into a shared type that stands in another of this shape. */
export function shapeInside(home: Shape, content: Content): Shape {
	if (content.kind !== 'type') return nothing;
	switch (content.type) {
		case 'map':
			return insideRoot.get(home) ?? nothing;
		case 'text':
			return text;
		case 'richText':
			return richText;
		case 'node':
			return nodes.get(content.name) ?? nothing;
		case 'other':
			return nothing;
	}
	return content satisfies never;
}

/** What people may write into a shared type of a document. */
export function shapeOfType(type: Y.ContentType['type']): Shape {
	if (!type._item) return shapeOfRoot(Y.findRootTypeKey(type));
	if (type instanceof Y.XmlElement) return nodes.get(type.nodeName) ?? nothing;
	if (type instanceof Y.XmlText) return richText;
	if (type instanceof Y.Text) return text;
	const home = type._item.parent;
	const isInRoot = type instanceof Y.Map && home instanceof Y.AbstractType && !home._item;
	return isInRoot ? shapeInside(shapeOfRoot(Y.findRootTypeKey(home)), map) : nothing;
}

/** Whether something under a key is an entry, or an entry's text as a whole: it stays as long as the incident. */
export function isKept(home: Shape, key: string | null): boolean {
	return (home === entries && key !== null) || (home === entry && key === 'text');
}

const map: Content = { kind: 'type', type: 'map' };

function isMap(content: Content): boolean {
	return content.kind === 'type' && content.type === 'map';
}

function oneOf(...checks: readonly Check[]): Check {
	return (value) => checks.some((check) => check(value));
}

function fields(known: Readonly<Record<string, Check | typeof textField>>): Shape {
	const checks = new Map(Object.entries(known));
	return {
		under: (key, content) => {
			const check = checks.get(key);
			if (check === undefined) return false;
			if (content.kind === 'deleted') return true;
			if (check === textField) return content.kind === 'type' && content.type === 'text';
			return content.kind === 'values' && content.values.every(check);
		},
	};
}

function isReference(content: Content): boolean {
	return content.kind === 'type' && content.type === 'node' && content.name === referenceName;
}

function isNode(content: Content): boolean {
	return content.kind === 'type' && content.type === 'node' && nodeNames.includes(content.name);
}

function isRichText(content: Content): boolean {
	return content.kind === 'type' && content.type === 'richText';
}

function hasKeys(value: unknown, names: readonly string[]): value is object {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
	const keys = Object.keys(value);
	return keys.length === names.length && keys.every((key) => names.includes(key));
}

/** An address is safe to follow, or there is none. */
function isLink(value: unknown): boolean {
	if (!hasKeys(value, ['href'])) return false;
	const href: unknown = 'href' in value ? value.href : undefined;
	return href === null || (typeof href === 'string' && isSafeLink(href));
}
