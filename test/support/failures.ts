import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

// Which tests failed, as the reports of Vitest and Playwright say it: one line each.

/** What is read of Vitest's JSON report: `name` is a file's absolute path. */
export interface VitestReport {
	readonly numPassedTests: number;
	readonly numTotalTests: number;
	readonly testResults: readonly VitestFile[];
}

interface VitestFile {
	readonly name: string;
	readonly status: string;
	readonly message: string;
	readonly assertionResults: readonly {
		readonly fullName: string;
		readonly status: string;
		readonly failureMessages: readonly string[] | null;
	}[];
}

/** What is read of Playwright's JSON report: suites are files, or groups inside of one. */
export interface PlaywrightReport {
	readonly stats: Readonly<Record<'expected' | 'unexpected' | 'flaky' | 'skipped', number>>;
	readonly suites: readonly PlaywrightSuite[];
}

interface PlaywrightSuite {
	readonly file: string;
	readonly suites?: readonly PlaywrightSuite[];
	readonly specs: readonly {
		readonly title: string;
		readonly tests: readonly {
			readonly status: string;
			readonly results: readonly { readonly error?: { readonly message?: string } }[];
		}[];
	}[];
}

export function failuresOfVitest(files: readonly VitestFile[], root: string): string[] {
	return files.flatMap((file) => {
		const name = path.relative(root, file.name);
		const tests = file.assertionResults.filter((test) => test.status !== 'passed');
		// A file that could not begin has no tests to name.
		if (tests.length === 0) return file.status === 'passed' ? [] : [inOneLine(name, file.message)];
		return tests.map((test) =>
			inOneLine(`${name} › ${test.fullName}`, test.failureMessages?.[0] ?? test.status),
		);
	});
}

export function failuresOfPlaywright(suite: PlaywrightSuite): string[] {
	const own = suite.specs.flatMap((spec) =>
		spec.tests
			.filter((test) => test.status !== 'expected')
			.map((test) => {
				const errors = test.results.flatMap((result) => result.error?.message ?? []);
				return inOneLine(`test/e2e/${suite.file} › ${spec.title}`, errors[0] ?? test.status);
			}),
	);
	return [...own, ...(suite.suites ?? []).flatMap(failuresOfPlaywright)];
}

function inOneLine(name: string, message: string): string {
	const [line = ''] = message.trimStart().split('\n');
	return `${name}: ${stripVTControlCharacters(line)}`;
}
