import { defineConfig, globalIgnores } from 'eslint/config';
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** Who may import whom: src → core ← server. Each folder is told what it must not reach for. */
const imports = (files, patterns, extra = {}) => ({
	files,
	rules: { 'no-restricted-imports': ['error', { patterns }], ...extra },
});

const outOfFolder = {
	regex: '^\\.\\./(.*/)?(core|server|src|test|scripts)/',
	message: 'Across folders import by #core/, #server/ or $lib/.',
};
const isPure = 'The core knows no clock, no chance and no I/O: they come in as arguments.';

const core = imports(
	['core/**/*.ts'],
	[
		{
			regex: '^(?!\\.{1,2}/|#core/|yjs$|lib0/|zod/mini$)',
			message: 'The core imports only itself, yjs, lib0 and zod/mini.',
		},
		outOfFolder,
	],
	{
		'no-restricted-globals': [
			'error',
			...['process', 'console', 'setTimeout', 'setInterval', 'fetch', 'crypto', 'performance'].map(
				(name) => ({ name, message: isPure }),
			),
		],
		'no-restricted-properties': [
			'error',
			{ object: 'Date', property: 'now', message: isPure },
			{ object: 'Math', property: 'random', message: isPure },
		],
	},
);

const server = imports(
	['server/**/*.ts'],
	[
		{ regex: '^(\\$lib|\\$app|svelte)(/|$)', message: 'The server never imports src.' },
		outOfFolder,
	],
	{
		'no-restricted-properties': [
			'error',
			{ object: 'process', property: 'env', message: 'Only main.ts reads the environment.' },
		],
	},
);

const screen = imports(
	['src/**/*.ts', 'src/**/*.svelte'],
	[{ regex: '^#server/', message: 'The screen never imports the server.' }, outOfFolder],
);

/** The house's own bounds: a file is read at a sitting, a function on a screen. */
const size = {
	'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
	'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
	'max-params': ['error', 3],
	'max-depth': ['error', 3],
};

const types = {
	'@typescript-eslint/consistent-type-imports': [
		'error',
		{ prefer: 'type-imports', fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
	],
	'@typescript-eslint/explicit-module-boundary-types': 'error',
	'@typescript-eslint/no-non-null-assertion': 'error',
	'@typescript-eslint/no-unused-vars': [
		'error',
		{ argsIgnorePattern: '^_', ignoreRestSiblings: true },
	],
	// Yjs' shared types say what they hold.
	'@typescript-eslint/no-base-to-string': [
		'error',
		{ ignoredTypeNames: ['YText', 'YXmlFragment', 'YXmlElement', 'YXmlText', 'Text', 'File'] },
	],
	// Yjs and Svelte's templates hand out `any`; ours is banned by no-explicit-any.
	...Object.fromEntries(
		['assignment', 'argument', 'call', 'member-access', 'return'].map((what) => [
			`@typescript-eslint/no-unsafe-${what}`,
			'off',
		]),
	),
	'@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
	// A method may be async because its interface is.
	'@typescript-eslint/require-await': 'off',
	'@typescript-eslint/switch-exhaustiveness-check': [
		'error',
		{ considerDefaultExhaustiveForUnions: true },
	],
};

export default defineConfig(
	globalIgnores(['.svelte-kit', 'build', '.muster', 'test-results', 'test/bench/node_modules']),
	{
		files: ['**/*.ts', '**/*.svelte'],
		extends: [ts.configs.recommendedTypeChecked, svelte.configs.recommended],
		languageOptions: {
			parserOptions: {
				projectService: true,
				tsconfigRootDir: import.meta.dirname,
				extraFileExtensions: ['.svelte'],
			},
		},
		linterOptions: { reportUnusedDisableDirectives: 'error' },
		rules: { ...types, ...size, eqeqeq: 'error', 'no-console': 'error', 'prefer-const': 'error' },
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
		rules: {
			'prefer-const': 'off',
			'svelte/prefer-const': 'error',
			// Reactivity comes through createSubscriber; maps and sets beside it are plain on purpose.
			'svelte/prefer-svelte-reactivity': 'off',
			// Links to other places, and those that were resolved where they were made.
			'svelte/no-navigation-without-resolve': ['error', { ignoreLinks: true }],
		},
	},
	core,
	server,
	screen,
	{
		files: ['core/**/*.ts', 'server/**/*.ts', 'src/lib/**/*.ts'],
		rules: {
			'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
		},
	},
	{
		files: ['src/**/*.ts', 'src/**/*.svelte'],
		rules: { 'no-console': ['error', { allow: ['error'] }] },
	},
	{
		files: ['server/main.ts', 'server/cli/**/*.ts'],
		rules: { 'no-restricted-properties': 'off', 'no-console': 'off' },
	},
	{
		// The list of all parts in their order, and nothing else.
		files: ['server/app.ts'],
		rules: { 'max-lines-per-function': 'off' },
	},
	{
		files: ['test/**/*.ts', 'scripts/**/*.ts'],
		rules: {
			'no-console': 'off',
			'max-lines': 'off',
			'max-lines-per-function': 'off',
			'@typescript-eslint/unbound-method': 'off',
		},
	},
);
