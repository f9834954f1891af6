import type { ApiRouter } from '../router.ts';
import { actionRoutes } from './actions.ts';
import { causeRoutes } from './causes.ts';
import { feedbackRoutes } from './feedback.ts';
import { lessonRoutes } from './lessons.ts';
import { metricRoutes } from './metrics.ts';
import { needsRoutes } from './needs.ts';
import { problemRoutes } from './problems.ts';
import { rebuildRoutes } from './rebuild.ts';
import { retroBoardRoutes } from './retroBoard.ts';
import { serviceRoutes } from './services.ts';
import type { IncidentParts } from './incident.ts';

/** What an installation learns of its incidents, by what it groups them, and how that is derived anew. */
export function learningRoutes(parts: IncidentParts): readonly ApiRouter[] {
	return [
		...[actionRoutes(parts), feedbackRoutes(parts), causeRoutes(parts), problemRoutes(parts)],
		...[lessonRoutes(parts), retroBoardRoutes(parts), serviceRoutes(parts)],
		...[metricRoutes(parts), rebuildRoutes(parts), needsRoutes(parts)],
	];
}
