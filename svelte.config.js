import adapter from '@sveltejs/adapter-node';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** @type {import('@sveltejs/kit').Config} */
export default {
	preprocess: vitePreprocess(),
	kit: {
		adapter: adapter({ out: 'build' }),
		// The server checks the origin of every unsafe request itself, for pages and API alike.
		csrf: { trustedOrigins: ['*'] },
		csp: {
			directives: {
				'default-src': ['self'],
				'script-src': ['self'],
				'style-src': ['self', 'unsafe-inline'],
				'img-src': ['self', 'data:'],
				'connect-src': ['self'],
				'object-src': ['none'],
				'base-uri': ['none'],
				'form-action': ['self'],
				'frame-ancestors': ['none'],
			},
		},
		typescript: {
			config: (config) => ({
				...config,
				include: [
					...config.include,
					'../core/**/*.ts',
					'../server/**/*.ts',
					'../scripts/**/*.ts',
					'../test/**/*.ts',
					'../*.ts',
				],
			}),
		},
	},
};
