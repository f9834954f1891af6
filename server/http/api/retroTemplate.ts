import { createRoute, z } from '@hono/zod-openapi';
import { defaultTemplate, templateRequest } from '#core/retro/template.ts';
import { insist, patiently } from '#server/storage/away.ts';
import type { Database } from '#server/storage/database.ts';
import { dropTemplate, readTemplate, writeTemplate } from '#server/storage/retroTemplate.ts';
import { readBody } from '../body.ts';
import { describedBody, json } from '../openapi.ts';
import { newRouter, type ApiRouter } from '../router.ts';
import { allowed } from '../who.ts';

const sections = z.object({
	sections: z.array(
		z.object({
			heading: z.string(),
			question: z.string(),
			prefill: z.string().optional(),
			references: z.array(z.string()).optional(),
		}),
	),
	/** Whether it is Muster’s own. */
	isDefault: z.boolean(),
});

const template = createRoute({
	method: 'get',
	path: '/retro-template',
	summary: 'What new retrospectives begin with',
	responses: { 200: { description: 'Its sections', content: json(sections) } },
});

const putTemplate = createRoute({
	method: 'put',
	path: '/retro-template',
	summary: 'Change what new retrospectives begin with',
	request: { body: describedBody(templateRequest) },
	responses: { 200: { description: 'Its sections', content: json(sections) } },
});

const deleteTemplate = createRoute({
	method: 'delete',
	path: '/retro-template',
	summary: 'Begin with Muster’s own sections again',
	responses: { 200: { description: 'Its sections', content: json(sections) } },
});

/** `/retro-template`: what new retrospectives begin with. */
export function retroTemplateRoutes(parts: { readonly db: Database }): ApiRouter {
	const { db } = parts;
	return newRouter()
		.openapi(template, async (c) => {
			allowed(c, 'read');
			return c.json(await describeTemplate(parts), 200);
		})
		.openapi(putTemplate, async (c) => {
			const request = await readBody(c, templateRequest);
			const by = allowed(c, 'administer').id;
			await insist(() => writeTemplate(db.sql, request.sections, by));
			return c.json(await describeTemplate(parts), 200);
		})
		.openapi(deleteTemplate, async (c) => {
			allowed(c, 'administer');
			await insist(() => dropTemplate(db.sql));
			return c.json(await describeTemplate(parts), 200);
		});
}

async function describeTemplate({
	db,
}: {
	readonly db: Database;
}): Promise<z.infer<typeof sections>> {
	const own = await patiently(() => readTemplate(db.sql));
	const shown = (own ?? defaultTemplate).map(({ references, ...section }) => ({
		...section,
		...(references ? { references: [...references] } : {}),
	}));
	return { sections: shown, isDefault: own === null };
}
